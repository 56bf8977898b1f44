using System.Text;
using ZXing;
using ZXing.QrCode;

namespace Ledger.Presentation.Pages;

/// <summary>A text as a QR code, drawn as one path.</summary>
internal static class QrCode
{
    /// <summary>The picture.</summary>
    /// <param name="text">What a camera reads.</param>
    /// <param name="title">What it is, for whoever does not see it.</param>
    public static string Svg(string text, string title)
    {
        var matrix = new QRCodeWriter().encode(
            text,
            BarcodeFormat.QR_CODE,
            0,
            0,
            new Dictionary<EncodeHintType, object> { [EncodeHintType.MARGIN] = 2 }
        );
        var path = new StringBuilder();
        for (var y = 0; y < matrix.Height; y++)
        {
            for (var x = 0; x < matrix.Width; x++)
            {
                if (matrix[x, y])
                {
                    path.Append(System.Globalization.CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return $"<svg class=\"qr\" role=\"img\" viewBox=\"0 0 {matrix.Width} {matrix.Height}\">"
            + $"<title>{Html.Encode(title)}</title><path d=\"{path}\"/></svg>";
    }
}
