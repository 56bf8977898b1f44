"""A portal in Python: no file is shown before its consultation is durable in the ledger."""

import datetime
import os
import pathlib
import sys
import uuid

import grpc

from caf.ledger.v1 import common_pb2, consultations_pb2, consultations_pb2_grpc, integrity_pb2, integrity_pb2_grpc

SIRET, AGENT = "21760575700012", "agent-c3"


def connect():
    """A channel to the ledger, and who calls."""
    server = os.environ.get("LEDGER_SERVER", "http://127.0.0.1:5080")
    config = pathlib.Path(__file__).parent.parent.joinpath("service-config.json").read_text()
    options = [("grpc.service_config", config)]
    host = server.split("://")[1].rstrip("/")
    if server.startswith("https:"):
        with open(os.environ["LEDGER_ROOTS"], "rb") as roots:
            channel = grpc.secure_channel(host, grpc.ssl_channel_credentials(roots.read()), options)
    else:
        channel = grpc.insecure_channel(host, options)
    with open(os.environ["LEDGER_TOKEN_FILE"], encoding="ascii") as token:
        return channel, [("authorization", "Bearer " + token.read().strip())]


def consultation(matricule):
    """What is recorded. The request keeps its id when it is sent again: it is recorded once."""
    opened = consultations_pb2.Consultation(
        consultation=str(uuid.uuid4()),
        allocataire=common_pb2.Allocataire(caf="763", matricule=matricule),
        siret=SIRET,
        agent=AGENT,
        service="CDAP",
        profil="T2",
        purpose="aide-sociale",
        business_file="AS-2026-118",
        channel="portal",
    )
    opened.occurred_at.FromDatetime(datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None))
    actor = common_pb2.Actor(id=AGENT, kind=common_pb2.ACTOR_KIND_HUMAN, siret=SIRET)
    context = common_pb2.RequestContext(request_id=str(uuid.uuid4()), actor=actor)
    return consultations_pb2.RecordConsultationRequest(context=context, consultation=opened)


def main(matricule):
    channel, caller = connect()
    try:
        recorded = consultations_pb2_grpc.ConsultationServiceStub(channel).RecordConsultation(
            consultation(matricule), metadata=caller
        )
    except grpc.RpcError as error:
        sys.exit(f"not recorded, show no file: {error.code().name}: {error.details()}")
    position = recorded.acknowledgement.position
    verdict = "authorised" if recorded.verdict.authorised else "irregular: " + ", ".join(recorded.verdict.reasons)
    print(f"recorded at position {position}, {verdict}: the file may be shown")

    # A receipt is there once a checkpoint covers the entry, about a second later. A portal gets it behind the page.
    request = integrity_pb2.GetReceiptRequest(position=position)
    receipt = integrity_pb2_grpc.IntegrityServiceStub(channel).GetReceipt(request, metadata=caller)
    pathlib.Path(f"{position}.receipt").write_bytes(receipt.bundle.encode())
    print(f"receipt: {position}.receipt")


main(sys.argv[1])
