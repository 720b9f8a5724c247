# Weir's streams, in the language of the Data Flow shell; the same on every platform.
# The apps named here are registered beforehand, from the platform's own properties file.

# Events come in over HTTP and stand in ClickHouse exactly once.
stream create --name events --definition "source-http | processor-enrich | sink-clickhouse" --description "Events and log lines over HTTP, enriched, into ClickHouse"
stream deploy --name events

# What could not be read is stored with its reason and its original bytes.
stream create --name dead-letters --definition ":weir.dead-letters > sink-clickhouse --weir.sink.table=dead_letters" --description "Refused events, with their reasons, into ClickHouse"
stream deploy --name dead-letters

# Hours that received events are rolled up anew, late ones included.
task create --name rollup-hourly --definition "rollup-hourly" --description "Hourly, daily, yearly and all-time rollups"
task schedule create --name rollup-hourly-schedule --definitionName rollup-hourly --expression "5 * * * *" --properties "scheduler.weir.time-zone=UTC"

# What is older than its policy says is archived and dropped.
task create --name retention-purge --definition "retention-purge" --description "Archives and drops what is older than its retention"
task schedule create --name retention-purge-schedule --definitionName retention-purge --expression "30 2 * * *" --properties "scheduler.weir.time-zone=UTC"

# Rules are evaluated and notifications delivered.
task create --name alert-scan --definition "alert-scan" --description "Evaluates rules, moves alert states, delivers notifications"
task schedule create --name alert-scan-schedule --definitionName alert-scan --expression "* * * * *" --properties "scheduler.weir.time-zone=UTC"
