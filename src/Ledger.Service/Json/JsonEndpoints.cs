using Caf.Ledger.V1;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.AspNetCore.Server;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Microsoft.OpenApi.Models;

namespace Ledger.Service.Json;

/// <summary>
/// The contract as JSON over HTTP: a POST of the request, in ProtoJSON, to the path that the contract names. The same
/// methods, callers, rules and errors; what streams comes line by line. The OpenAPI document is made from the contract.
/// </summary>
internal static class JsonEndpoints
{
    private const string Version = "v1";

    // Bytes are a third longer in JSON, and names are written out.
    private const int LargestBody = 2 * LedgerHost.ActSize;

    /// <summary>Adds them to the methods that gRPC serves.</summary>
    public static void AddJson(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddGrpc()
            .AddJsonTranscoding(options =>
                options.TypeRegistry = TypeRegistry.FromFiles(
                    ErrorDetailsReflection.Descriptor,
                    AccessHistoryReflection.Descriptor
                )
            );
        builder.Services.AddGrpcSwagger();
        builder.Services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc(Version, new OpenApiInfo { Title = "Ledger", Version = Version });
            options.CustomOperationIds(operation =>
                operation.ActionDescriptor.EndpointMetadata.OfType<GrpcMethodMetadata>().First().Method.Name
            );
            Authenticated(options);
            var comments = Path.ChangeExtension(typeof(JsonEndpoints).Assembly.Location, "xml");
            if (File.Exists(comments))
            {
                options.IncludeXmlComments(comments);
                options.IncludeGrpcXmlComments(comments, includeControllerXmlComments: true);
            }
        });
        // What a call failed of is said once, by the interceptor.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Grpc.JsonTranscoding", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = LargestBody);
    }

    /// <summary>Maps the OpenAPI document, and reads requests strictly.</summary>
    public static void MapJson(this WebApplication app)
    {
        app.UseMiddleware<StrictJson>();
        app.MapSwagger("/openapi/{documentName}.json").WithMetadata(new AccessRowOf(AccessTable.OpenApi));
    }

    private static void Authenticated(Swashbuckle.AspNetCore.SwaggerGen.SwaggerGenOptions options)
    {
        const string name = "bearer";
        options.AddSecurityDefinition(
            name,
            new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = name }
        );
        options.AddSecurityRequirement(
            new OpenApiSecurityRequirement
            {
                [
                    new OpenApiSecurityScheme
                    {
                        Reference = new OpenApiReference { Type = ReferenceType.SecurityScheme, Id = name },
                    }
                ] = [],
            }
        );
    }
}
