using System.Collections.Frozen;
using System.Text;

namespace Ledger.Domain.Common;

/// <summary>
/// Composes a Latin letter and the mark that follows it (Unicode, UAX 15, form C), so that what looks the same is the
/// same. .NET composes nothing where it runs without ICU, as the ledger does.
/// </summary>
internal static class Composition
{
    // By mark: each letter, and the letter with the mark.
    private static readonly FrozenDictionary<(char Letter, char Mark), char> Composed = new (char Mark, string Pairs)[]
    {
        ('\u0300', "AÀaàEÈeèIÌiìNǸnǹOÒoòUÙuùWẀwẁYỲyỳ"),
        ('\u0301', "AÁaáCĆcćEÉeéGǴgǵIÍiíKḰkḱLĹlĺMḾmḿNŃnńOÓoóPṔpṕRŔrŕSŚsśUÚuúWẂwẃYÝyýZŹzź"),
        ('\u0302', "AÂaâCĈcĉEÊeêGĜgĝHĤhĥIÎiîJĴjĵOÔoôSŜsŝUÛuûWŴwŵYŶyŷZẐzẑ"),
        ('\u0303', "AÃaãEẼeẽIĨiĩNÑnñOÕoõUŨuũVṼvṽYỸyỹ"),
        ('\u0304', "AĀaāEĒeēGḠgḡIĪiīOŌoōUŪuūYȲyȳ"),
        ('\u0306', "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭ"),
        ('\u0307', "AȦaȧBḂbḃCĊcċDḊdḋEĖeėFḞfḟGĠgġHḢhḣIİMṀmṁNṄnṅOȮoȯPṖpṗRṘrṙSṠsṡTṪtṫWẆwẇXẊxẋYẎyẏZŻzż"),
        ('\u0308', "AÄaäEËeëHḦhḧIÏiïOÖoötẗUÜuüWẄwẅXẌxẍYŸyÿ"),
        ('\u030A', "AÅaåUŮuůwẘyẙ"),
        ('\u030B', "OŐoőUŰuű"),
        ('\u030C', "AǍaǎCČcčDĎdďEĚeěGǦgǧHȞhȟIǏiǐjǰKǨkǩLĽlľNŇnňOǑoǒRŘrřSŠsšTŤtťUǓuǔZŽzž"),
        ('\u0327', "CÇcçDḐdḑEȨeȩGĢgģHḨhḩKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţ"),
        ('\u0328', "AĄaąEĘeęIĮiįOǪoǫUŲuų"),
    }
        .SelectMany(row => row.Pairs.Chunk(2).Select(pair => ((pair[0], row.Mark), pair[1])))
        .ToFrozenDictionary(entry => entry.Item1, entry => entry.Item2);

    /// <summary>The text with letters and marks composed.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsMark))
        {
            return text;
        }

        var composed = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (composed.Length > 0 && Composed.TryGetValue((composed[^1], c), out var letter))
            {
                composed[^1] = letter;
            }
            else
            {
                composed.Append(c);
            }
        }

        return composed.ToString();
    }

    private static bool IsMark(char c) => c is >= '\u0300' and <= '\u036F';
}
