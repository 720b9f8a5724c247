-- What 20 tenants send in so many days, evenly over time: requests (70 %), log lines and readings of 1,000 devices. A few tenants,
-- endpoints and countries make most of it, as they do. Only what rollups read is filled.
INSERT INTO weir.events (id, tenant, timestamp, received_at, type, source, user_id, device_id, method, endpoint_template,
    status_code, status_class, latency_ms, bytes, country, device_class, severity, measurements)
WITH
    sipHash64(number, 1) AS a,
    sipHash64(number, 2) AS b,
    multiIf(a % 100 < 70, 0, a % 100 < 85, 1, 2) AS kind,
    intDiv(a, 100) % 1000 / 1000 AS u,
    intDiv(a, 100000) % 1000 / 1000 AS v,
    intDiv(b, 1000) % 1000 / 1000 AS w,
    intDiv(b, 1000000) % 1000 / 1000 AS x,
    intDiv(a, 1000000000) AS rest,
    toUInt8(pow(u, 3) * 12) AS endpoint_number,
    multiIf(v < 0.9, 200, v < 0.96, 404, v < 0.99, 302, 500) AS status,
    fromUnixTimestamp64Milli(toUnixTimestamp64Milli(toDateTime64({first:Date}, 3, 'UTC'))
        + intDiv(number * 86400000 * {days:UInt64}, {events:UInt64}), 'UTC') AS at
SELECT
    hex(sipHash64(number, 3)),
    concat('tenant-', toString(toUInt8(pow(b % 1000 / 1000, 3) * 20))),
    at,
    at,
    ['request', 'log', 'reading'][kind + 1],
    concat('service-', toString(intDiv(b, 1000000000) % 3)),
    if(kind = 0, concat('user-', toString(rest % 50000)), ''),
    if(kind = 2, concat('device-', toString(rest % 50)), ''),
    if(kind = 0, if(endpoint_number % 4 = 3, 'POST', 'GET'), ''),
    if(kind = 0, concat('/api/v1/resource-', toString(endpoint_number), '/{id}'), ''),
    if(kind = 0, status, 0),
    if(kind = 0, concat(toString(intDiv(status, 100)), 'xx'), ''),
    if(kind = 0, exp(7 * w), NULL),
    if(kind = 0, 200 + toUInt64(x * x * 1000000), NULL),
    if(kind = 0, ['DE', 'US', 'FR', 'GB', 'IN', 'BR', 'JP', 'PL'][toUInt8(pow(w, 5) * 8) + 1], ''),
    if(kind = 0, ['desktop', 'mobile', 'tablet'][toUInt8(pow(x, 3) * 3) + 1], ''),
    if(kind = 1, ['info', 'info', 'info', 'warn', 'error'][toUInt8(v * 5) + 1], ''),
    if(kind = 2, map('temperature', w * 60 - 20, 'humidity', x * 100, 'battery', 3 + u), map())
FROM numbers_mt({begin:UInt64}, {end:UInt64} - {begin:UInt64})
SETTINGS max_insert_threads = 2, min_insert_block_size_rows = 524288, optimize_on_insert = 0
