using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ClawOS.Security.Policy.Values;

/// <summary>Names of hosts in the one form that is compared: lower case, no dot at the end, addresses in their shortest form.</summary>
internal static partial class HostName
{
    internal static Fault? Check(string text)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            // "127.1", "0x7f000001" and "::ffff:127.0.0.1" are other ways to write an address that a rule may mean to leave out.
            string canonical = address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.ToString();
            return canonical == text && (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId == 0) ? null
                : new Fault("an address is written in its shortest form", $"write \"{canonical}\"");
        }

        bool isWild = text.StartsWith("*.", StringComparison.Ordinal);
        string name = isWild ? text[2..] : text;
        string lower = name.ToLowerInvariant().TrimEnd('.');
        return text.Contains("://", StringComparison.Ordinal) ? new Fault("a host is a name, not a URL", Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Host.Length > 0 ? $"write \"{url.Host}\"" : "")
            : text.Contains(':') ? new Fault("a host has no port", "name the port in 'ports'")
            : name.Contains('*') || text == "*" ? new Fault("a star stands for what is before the first dot, like \"*.example.com\"")
            : lower != name && Form().IsMatch(lower) ? new Fault("a host is written in small letters, without a dot at its end", $"write \"{(isWild ? "*." : "")}{lower}\"")
            : name.Length > 253 || !Form().IsMatch(name) ? new Fault("the name of a host has labels of letters, digits and '-', joined by dots; names in other letters are written as xn--...")
            : isWild && !name.Contains('.') ? new Fault("a star needs two labels behind it at least, like \"*.example.com\"")
            : EndsLikeAddress().IsMatch(name) ? new Fault("the last label of a name is no number", "an address is written in its shortest form, like \"192.0.2.1\"")
            : null;
    }

    [GeneratedRegex(@"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"(^|\.)([0-9]+|0x[0-9a-f]*)\z")]
    private static partial Regex EndsLikeAddress();
}
