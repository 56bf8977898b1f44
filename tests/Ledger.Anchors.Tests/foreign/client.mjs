// Drives a Streams service with EventStoreDB's own client: node client.mjs CONNECTION ID
import {
  EventStoreDBClient, jsonEvent, NO_STREAM, START, END, FORWARDS, BACKWARDS, WrongExpectedVersionError,
  StreamNotFoundError,
} from '@eventstore/db-client';
import assert from 'node:assert/strict';

const [connection, id] = process.argv.slice(2);
const client = EventStoreDBClient.connectionString(connection);
const collect = async (events) => {
  const all = [];
  for await (const { event } of events) all.push(event);
  return all;
};

const ours = await collect(client.readStream('from-ledger', { fromRevision: START, direction: FORWARDS }));
assert.equal(ours.length, 2);
assert.equal(ours[0].id, id);
assert.equal(ours[0].type, 'entry.v1');
assert.equal(ours[0].isJson, false);
assert.equal(Buffer.from(ours[0].data).toString(), 'first');
assert.equal(ours[1].revision, 1n);

const last = await collect(client.readStream('from-ledger', { fromRevision: END, direction: BACKWARDS, maxCount: 1 }));
assert.equal(Buffer.from(last[0].data).toString(), 'second');

const event = (n, eventId) => jsonEvent({ id: eventId, type: 'node.v1', data: { n } });
const first = event(1, '11111111-2222-4333-8444-555555555555');
const appended = await client.appendToStream('from-node', first, { expectedRevision: NO_STREAM });
assert.equal(appended.nextExpectedRevision, 0n);
await client.appendToStream('from-node', event(2, '22222222-2222-4333-8444-555555555555'), { expectedRevision: 0n });
// The same event again, where it stands: no conflict, and not twice.
await client.appendToStream('from-node', first, { expectedRevision: NO_STREAM });
assert.equal((await collect(client.readStream('from-node'))).length, 2);

await assert.rejects(
  client.appendToStream('from-node', event(3), { expectedRevision: 0n }),
  (e) => e instanceof WrongExpectedVersionError && e.actualVersion === 1n,
);
await assert.rejects(collect(client.readStream('nowhere')), (e) => e instanceof StreamNotFoundError);
await client.dispose();
console.log('all as expected');
