using Ledger.Domain.Knowing;

namespace Ledger.Domain.Common;

/// <summary>A profile of a service and the data categories that it shows.</summary>
/// <param name="Service">The service.</param>
/// <param name="Profil">The profile.</param>
/// <param name="Categories">What it shows.</param>
public sealed record CatalogueEntry(ServiceCode Service, ProfilCode Profil, IReadOnlyList<string> Categories);

/// <summary>A new version of the catalogue of services, profiles and data categories.</summary>
/// <param name="Version">Its name.</param>
/// <param name="From">In force from the start of this day.</param>
/// <param name="Entries">All of it: what is not named is not in this version.</param>
[EventName("catalogue-version-published.v1")]
public sealed record CatalogueVersionPublished(string Version, DateOnly From, IReadOnlyList<CatalogueEntry> Entries)
    : LedgerEvent
{
    /// <inheritdoc/>
    public override string Stream() => "catalogue";
}

/// <summary>
/// One version of the services of « Mon Compte Partenaire » with their profiles and the data categories that each
/// shows.
/// </summary>
public sealed class Catalogue
{
    private readonly Dictionary<(ServiceCode, ProfilCode), IReadOnlyList<string>> _entries;
    private readonly HashSet<ServiceCode> _services;

    /// <summary>A version of this content.</summary>
    public Catalogue(string version, IReadOnlyList<CatalogueEntry> entries)
    {
        Version = version;
        _entries = entries.ToDictionary(e => (e.Service, e.Profil), e => e.Categories);
        _services = [.. entries.Select(e => e.Service)];
    }

    /// <summary>The version that was published.</summary>
    public static Catalogue Of(CatalogueVersionPublished published) => new(published.Version, published.Entries);

    /// <summary>
    /// What holds until a version is published. The true mapping from profile to data categories is not public: this is
    /// an example.
    /// </summary>
    public static Catalogue Illustrative { get; } =
        new(
            "illustrative",
            [
                Entry("CDAP", "T1", "identite", "composition-familiale"),
                Entry("CDAP", "T2", "identite", "composition-familiale", "quotient-familial"),
                Entry("CDAP", "T3", "identite", "composition-familiale", "quotient-familial", "ressources"),
                Entry("HABDEL", "GESTIONNAIRE", "habilitations"),
            ]
        );

    /// <summary>Its name.</summary>
    public string Version { get; }

    /// <summary>Whether it has this profile.</summary>
    public bool Has(ServiceCode service, ProfilCode profil) => _entries.ContainsKey((service, profil));

    /// <summary>The data categories of a profile, none where the catalogue has no such profile.</summary>
    public IReadOnlyList<string> CategoriesOf(ServiceCode service, ProfilCode profil) =>
        _entries.GetValueOrDefault((service, profil)) ?? [];

    /// <summary>The data categories of a profile that must be there.</summary>
    /// <exception cref="InvalidFieldException">The service or the profile is unknown.</exception>
    public IReadOnlyList<string> Categories(ServiceCode service, ProfilCode profil)
    {
        if (!_services.Contains(service))
        {
            throw new InvalidFieldException("service", $"The catalogue has no service '{service}'.");
        }

        return _entries.TryGetValue((service, profil), out var categories)
            ? categories
            : throw new InvalidFieldException("profil", $"The service '{service}' has no profile '{profil}'.");
    }

    private static CatalogueEntry Entry(string service, string profil, params string[] categories) =>
        new(ServiceCode.Parse(service), ProfilCode.Parse(profil), categories);
}

/// <summary>A Caf publishes a version of the catalogue.</summary>
/// <param name="Event">What it holds.</param>
public sealed record PublishCatalogue(CatalogueVersionPublished Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        if (context.Actor.Caf is null)
        {
            throw new RefusedException("caf-publishes-the-catalogue", "3", "Only a Caf publishes the catalogue.");
        }

        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The catalogue's date"));
        if (
            Event.Entries.Count == 0
            || Event.Entries.DistinctBy(e => (e.Service, e.Profil)).Count() != Event.Entries.Count
        )
        {
            throw new InvalidFieldException("entries", "A catalogue names at least one profile, and none twice.");
        }

        return [Event];
    }
}
