using Ledger.Service.Hosting;

return await ExitCode.GuardAsync(async () =>
{
    var builder = LedgerHost.CreateBuilder(args);
    builder.AddLedger();
    var app = builder.Build();
    app.MapLedger();
    await app.RunLedgerAsync();
    return ExitCode.Done;
});
