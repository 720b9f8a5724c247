-- Spring Batch 6 numbers job instances by this name; Data Flow 2.11 creates only the older one.
CREATE SEQUENCE IF NOT EXISTS BOOT3_BATCH_JOB_INSTANCE_SEQ START WITH 1 INCREMENT BY 1 NO CYCLE;
