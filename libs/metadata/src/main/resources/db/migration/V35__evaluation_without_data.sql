-- Why there was nothing to measure, such as a subscription that is paused; null where there was, or where the absence says it all.
alter table alert_evaluation add column no_data text;
