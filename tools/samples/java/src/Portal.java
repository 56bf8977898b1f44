import com.google.gson.Gson;
import fr.caf.ledger.v1.Actor;
import fr.caf.ledger.v1.ActorKind;
import fr.caf.ledger.v1.Allocataire;
import fr.caf.ledger.v1.Consultation;
import fr.caf.ledger.v1.ConsultationServiceGrpc;
import fr.caf.ledger.v1.GetReceiptRequest;
import fr.caf.ledger.v1.IntegrityServiceGrpc;
import fr.caf.ledger.v1.RecordConsultationRequest;
import fr.caf.ledger.v1.RequestContext;
import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** A portal in Java: no file is shown before its consultation is durable in the ledger. */
public final class Portal {
    private static final String SIRET = "21760575700012";
    private static final String AGENT = "agent-c3";

    public static void main(String[] args) throws Exception {
        ManagedChannel channel = connect();
        try {
            open(channel, args[0]);
        } catch (StatusRuntimeException e) {
            var why = e.getStatus();
            System.err.println("not recorded, show no file: " + why.getCode() + ": " + why.getDescription());
            System.exit(1);
        } finally {
            channel.shutdownNow();
        }
    }

    private static void open(ManagedChannel channel, String matricule) throws Exception {
        var recorded = ConsultationServiceGrpc.newBlockingStub(channel).recordConsultation(consultation(matricule));
        long position = recorded.getAcknowledgement().getPosition();
        String verdict = recorded.getVerdict().getAuthorised()
                ? "authorised"
                : "irregular: " + String.join(", ", recorded.getVerdict().getReasonsList());
        System.out.println("recorded at position " + position + ", " + verdict + ": the file may be shown");

        // A receipt is there once a checkpoint covers the entry, a second later. A portal gets it behind the page.
        var receipt = IntegrityServiceGrpc.newBlockingStub(channel)
                .getReceipt(GetReceiptRequest.newBuilder().setPosition(position).build());
        Files.writeString(Path.of(position + ".receipt"), receipt.getBundle());
        System.out.println("receipt: " + position + ".receipt");
    }

    /** A channel to the ledger that shows who calls, and repeats what failed as UNAVAILABLE. */
    private static ManagedChannel connect() throws Exception {
        URI server = URI.create(System.getenv().getOrDefault("LEDGER_SERVER", "http://127.0.0.1:5080"));
        var caller = new Metadata();
        String token = Files.readString(Path.of(System.getenv("LEDGER_TOKEN_FILE"))).trim();
        caller.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        String json = Files.readString(Path.of(System.getProperty("service.config")));
        @SuppressWarnings("unchecked")
        Map<String, ?> config = new Gson().fromJson(json, Map.class);
        var builder = NettyChannelBuilder.forAddress(server.getHost(), server.getPort())
                .defaultServiceConfig(config)
                .enableRetry()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(caller));
        if (server.getScheme().equals("https")) {
            var roots = new File(System.getenv("LEDGER_ROOTS"));
            builder.sslContext(GrpcSslContexts.forClient().trustManager(roots).build());
        } else {
            builder.usePlaintext();
        }

        return builder.build();
    }

    /** What is recorded. The request keeps its id when it is sent again: it is recorded once. */
    private static RecordConsultationRequest consultation(String matricule) {
        Instant now = Instant.now();
        return RecordConsultationRequest.newBuilder()
                .setContext(RequestContext.newBuilder()
                        .setRequestId(UUID.randomUUID().toString())
                        .setActor(Actor.newBuilder().setId(AGENT).setKind(ActorKind.ACTOR_KIND_HUMAN).setSiret(SIRET)))
                .setConsultation(Consultation.newBuilder()
                        .setConsultation(UUID.randomUUID().toString())
                        .setAllocataire(Allocataire.newBuilder().setCaf("763").setMatricule(matricule))
                        .setSiret(SIRET)
                        .setAgent(AGENT)
                        .setService("CDAP")
                        .setProfil("T2")
                        .setPurpose("aide-sociale")
                        .setBusinessFile("AS-2026-118")
                        .setChannel("portal")
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano())))
                .build();
    }
}
