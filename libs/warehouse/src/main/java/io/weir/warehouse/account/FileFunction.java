package io.weir.warehouse.account;

import java.util.Locale;
import java.util.Set;

/**
 * Finds the function {@code file} in a statement. It reads any file of the server's machine, and the embedded engine gives it to
 * everybody: it takes itself for a command-line tool and asks for no right. A real server asks for {@code READ ON FILE}.
 *
 * <p>A name must be in the statement to be called: ClickHouse has no parameter for the name of a function. {@code eval}, which runs a
 * text as a query, is therefore looked for as well.
 */
public final class FileFunction {

    // A setting that is off for readers can be turned on for a subquery, which is enough for eval.
    private static final Set<String> NAMES = Set.of("file", "eval");

    private FileFunction() {}

    /**
     * Whether the statement has {@code file} or {@code eval} as a name of whatever kind, or is written in a way of which it is not certain where
     * texts and comments end: with {@code #}, {@code //}, {@code $} or letters beyond ASCII outside of texts, with comments in
     * comments, or with a {@code \} in a quoted name or in a text with a prefix.
     */
    public static boolean mayBeIn(String sql) {
        int at = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '\'' || c == '"' || c == '`') {
                int end = endOfQuoted(sql, at);
                String inside = sql.substring(at + 1, Math.max(at + 1, end - 1));
                boolean isText = c == '\'';
                boolean hasPrefix = isText && at > 0 && isOfWord(sql.charAt(at - 1));
                if ((!isText && isTheName(inside)) || ((!isText || hasPrefix) && inside.indexOf('\\') >= 0)) {
                    return true;
                }
                at = end;
            } else if (sql.startsWith("--", at)) {
                int end = after(sql, "\n", at);
                if (sql.substring(at, end).stripTrailing().chars().anyMatch(inside -> inside < ' ' && inside != '\t')) {
                    return true;
                }
                at = end;
            } else if (sql.startsWith("/*", at)) {
                int end = after(sql, "*/", at + 2);
                if (sql.substring(at + 2, end).contains("/*")) {
                    return true;
                }
                at = end;
            } else if (isOfWord(c)) {
                int end = at;
                while (end < sql.length() && isOfWord(sql.charAt(end))) {
                    end++;
                }
                if (isTheName(sql.substring(at, end))) {
                    return true;
                }
                at = end;
            } else if (c == '#' || c == '$' || c == 0 || c > '~' || sql.startsWith("//", at)) {
                return true;
            } else {
                at++;
            }
        }
        return false;
    }

    private static boolean isTheName(String name) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isOfWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    /** A doubled quote ends one text and begins the next, which comes to the same. */
    private static int endOfQuoted(String sql, int from) {
        char quote = sql.charAt(from);
        int at = from + 1;
        while (at < sql.length() && sql.charAt(at) != quote) {
            at += sql.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at + 1, sql.length());
    }

    private static int after(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }
}
