using Grpc.Core;
using Ledger.Presentation;

namespace Ledger.Service.Mapping;

/// <summary>In which language a caller reads.</summary>
internal static class CallerWords
{
    /// <summary>The words of the language that the call's metadata prefer; French where they name none.</summary>
    public static Words Words(this ServerCallContext call) =>
        Presentation.Words.In(Languages.Preferred(call.RequestHeaders.GetValue("accept-language")));
}
