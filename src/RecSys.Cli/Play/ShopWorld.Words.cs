namespace RecSys.Cli.Play;

internal sealed partial class ShopWorld
{
    /// <summary>Names of the shoppers that can be chosen on the page.</summary>
    private static readonly string[] FeaturedNames =
        ["Ada", "Bruno", "Chiara", "Dmitri", "Esra", "Femi", "Greta", "Hugo", "Inês", "Jun", "Kofi", "Lena"];

    /// <summary>First names of the other shoppers; they occur several times, each followed by an initial.</summary>
    private static readonly string[] FirstNames =
    [
        "Alma", "Boris", "Carla", "Dario", "Edda", "Filip", "Gina", "Hana", "Ivo", "Jana", "Karim", "Lotte", "Marek", "Nora", "Omar", "Pia", "Quinn",
        "Rosa", "Sven", "Tara", "Uma", "Vito", "Wanda", "Xenia", "Yusuf", "Zoe",
    ];

    private static readonly string[] Brands =
    [
        "Halden", "Moss & Pine", "Lumen", "Corvo", "Tidewell", "Oakley Row", "Nimbus", "Fjord", "Pellegrin", "Juniper", "Kestrel", "Brightside",
        "Atelier Nord", "Wren", "Sable", "Morgenstern",
    ];
}
