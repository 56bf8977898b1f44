using System.Net;
using Ledger.Client;
using Ledger.Pages.Access;
using Ledger.Pages.Asking;
using Ledger.Pages.Layout;
using Ledger.Presentation;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ledger.Pages;

/// <summary>
/// The pages of a Caf's investigators. They ask by the public contract alone, in the name of whoever is signed in; they
/// are made on the server, and read without any script.
/// </summary>
public static class ConsoleHost
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    /// <summary>The pages of the ledger that a client calls, on a port of loopback; 0 takes a free one.</summary>
    public static WebApplication Build(LedgerClient client, int port, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions
            {
                // The folder that it is started in says nothing and is not watched.
                Args = ["--hostBuilder:reloadConfigOnChange=false"],
                ContentRootPath = AppContext.BaseDirectory,
            }
        );
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // It warns that a page with a form is not cached: none is.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton(client);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(Words.French);
        builder.Services.AddSingleton<Sessions>();
        builder.Services.AddSingleton<LocalEntry>();
        builder.Services.AddScoped<Asker>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddRazorComponents();
        builder.Services.AddCascadingAuthenticationState();
        // Sessions are in memory, and end with it: so do the keys of their cookies.
        builder.Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        builder.Services.AddAntiforgery(options => options.Cookie.Name = "registre-formulaire");
        builder
            .Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options =>
            {
                options.Cookie.Name = "registre";
                options.Cookie.SameSite = SameSiteMode.Strict;
                options.ExpireTimeSpan = Idle;
                options.LoginPath = Paths.Entry;
                options.AccessDeniedPath = Paths.Entry;
                options.ReturnUrlParameter = "vers";
            });
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(Sessions.Policy);
        var app = builder.Build();
        app.Use(Headers.AddAsync);
        app.UseExceptionHandler(Paths.Broken, createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute(Paths.NotFound);
        app.Use(Headers.OnlyPagesAreReplacedAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapLook();
        app.MapEntry();
        app.MapFileActions();
        app.MapAlertActions();
        app.MapCaseActions();
        app.MapQuestionActions();
        app.MapDownloads();
        app.MapRazorComponents<App>();
        return app;
    }

    /// <summary>The link by which the person at this machine signs in, once the pages are served: once, and for a while.</summary>
    public static Uri EntryLink(WebApplication app)
    {
        var address = app
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First();
        return new Uri(new Uri(address), $"{Paths.Entry}?cle={app.Services.GetRequiredService<LocalEntry>().NewKey()}");
    }
}
