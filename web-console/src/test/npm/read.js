import { createClient } from '@clickhouse/client';

const [url, username, password, database] = process.argv.slice(2);
const client = createClient({ url, username, password, database });
const result = await client.query({
  query: 'SELECT tenant, count() AS events FROM events WHERE latency_ms >= {least:Float64} GROUP BY tenant',
  query_params: { least: 0 },
  format: 'JSONEachRow',
});
console.log(JSON.stringify(await result.json()));
let rows = 0;
const stream = await client.query({ query: 'SELECT number FROM numbers(100000)', format: 'JSONCompactEachRow' });
for await (const batch of stream.stream()) rows += batch.length;
console.log(rows);
await client.close();
