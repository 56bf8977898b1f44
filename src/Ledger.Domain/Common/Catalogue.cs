namespace Ledger.Domain.Common;

/// <summary>The services of « Mon Compte Partenaire » with their profiles and the data categories that each profile shows.</summary>
public sealed class Catalogue
{
    private readonly Dictionary<ServiceCode, Dictionary<ProfilCode, IReadOnlyList<string>>> _services = [];

    private Catalogue()
    {
    }

    /// <summary>An example. The true mapping from profile to data categories is not public: this one is illustrative.</summary>
    public static Catalogue Illustrative { get; } = new Catalogue()
        .With("CDAP", "T1", "identite", "composition-familiale")
        .With("CDAP", "T2", "identite", "composition-familiale", "quotient-familial")
        .With("CDAP", "T3", "identite", "composition-familiale", "quotient-familial", "ressources")
        .With("HABDEL", "GESTIONNAIRE", "habilitations");

    /// <summary>The data categories of a profile.</summary>
    /// <exception cref="InvalidFieldException">The service or the profile is unknown.</exception>
    public IReadOnlyList<string> Categories(ServiceCode service, ProfilCode profil)
    {
        if (!_services.TryGetValue(service, out var profils))
        {
            throw new InvalidFieldException("service", $"The catalogue has no service '{service}'.");
        }

        return profils.TryGetValue(profil, out var categories)
            ? categories
            : throw new InvalidFieldException("profil", $"The service '{service}' has no profile '{profil}'.");
    }

    private Catalogue With(string service, string profil, params string[] categories)
    {
        var code = ServiceCode.Parse(service);
        if (!_services.TryGetValue(code, out var profils))
        {
            _services[code] = profils = [];
        }

        profils[ProfilCode.Parse(profil)] = categories;
        return this;
    }
}
