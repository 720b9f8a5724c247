# Weir's streams, in the language of the Data Flow shell; the same on every platform.
# The apps named here are registered beforehand, from the platform's own properties file.

# Events come in over HTTP and stand in ClickHouse exactly once.
stream create --name events --definition "source-http | processor-enrich | sink-clickhouse" --description "Events and log lines over HTTP, enriched, into ClickHouse"
stream deploy --name events

# What could not be read is stored with its reason and its original bytes.
stream create --name dead-letters --definition ":weir.dead-letters > sink-clickhouse --weir.sink.table=dead_letters" --description "Refused events, with their reasons, into ClickHouse"
stream deploy --name dead-letters
