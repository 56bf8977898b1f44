using Ledger.Service.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddLedger();
var app = builder.Build();
app.MapLedger();
await app.RunLedgerAsync();
