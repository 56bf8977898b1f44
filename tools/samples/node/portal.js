// A portal in Node: no file is shown before its consultation is durable in the ledger.
'use strict';

const { randomUUID } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { promisify } = require('node:util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const SIRET = '21760575700012';
const AGENT = 'agent-c3';

const definitions = loader.loadSync(['caf/ledger/v1/consultations.proto', 'caf/ledger/v1/integrity.proto'], {
  includeDirs: [join(__dirname, '../../../protos')],
  longs: String,
  enums: String,
  defaults: true,
});
const { ConsultationService, IntegrityService } = grpc.loadPackageDefinition(definitions).caf.ledger.v1;

// A call of a service of the ledger, as a promise.
function connect() {
  const server = new URL(process.env.LEDGER_SERVER ?? 'http://127.0.0.1:5080');
  const credentials =
    server.protocol === 'https:'
      ? grpc.credentials.createSsl(readFileSync(process.env.LEDGER_ROOTS))
      : grpc.credentials.createInsecure();
  const options = { 'grpc.service_config': readFileSync(join(__dirname, '../service-config.json'), 'utf8') };
  const caller = new grpc.Metadata();
  caller.set('authorization', `Bearer ${readFileSync(process.env.LEDGER_TOKEN_FILE, 'ascii').trim()}`);
  return (Service, method, request) => {
    const client = new Service(server.host, credentials, options);
    return promisify(client[method].bind(client))(request, caller);
  };
}

// What is recorded. The request keeps its id when it is sent again: it is recorded once.
function consultation(matricule) {
  const now = Date.now();
  return {
    context: { requestId: randomUUID(), actor: { id: AGENT, kind: 'ACTOR_KIND_HUMAN', siret: SIRET } },
    consultation: {
      consultation: randomUUID(),
      allocataire: { caf: '763', matricule },
      siret: SIRET,
      agent: AGENT,
      service: 'CDAP',
      profil: 'T2',
      purpose: 'aide-sociale',
      businessFile: 'AS-2026-118',
      channel: 'portal',
      occurredAt: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1e6 },
    },
  };
}

async function main(matricule) {
  const call = connect();
  const recorded = await call(ConsultationService, 'RecordConsultation', consultation(matricule)).catch((error) => {
    throw new Error(`not recorded, show no file: ${grpc.status[error.code]}: ${error.details}`);
  });
  const { position } = recorded.acknowledgement;
  const { authorised, reasons } = recorded.verdict;
  console.log(
    `recorded at position ${position}, ${authorised ? 'authorised' : `irregular: ${reasons.join(', ')}`}: ` +
      'the file may be shown',
  );

  // A receipt is there once a checkpoint covers the entry, about a second later. A portal gets it behind the page.
  const receipt = await call(IntegrityService, 'GetReceipt', { position });
  writeFileSync(`${position}.receipt`, receipt.bundle);
  console.log(`receipt: ${position}.receipt`);
}

main(process.argv[2]).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
