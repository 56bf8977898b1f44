using Ledger.Service.Hosting;

return await ExitCode.GuardAsync(async () =>
{
    // The folder that it is started in says nothing and is not watched: it may be a whole disk.
    var builder = WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }
    );
    builder.AddLedger();
    var app = builder.Build();
    app.MapLedger();
    await app.RunLedgerAsync();
    return ExitCode.Done;
});
