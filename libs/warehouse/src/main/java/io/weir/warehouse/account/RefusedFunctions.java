package io.weir.warehouse.account;

import java.util.Locale;
import java.util.Set;

/**
 * Finds the functions that no reader may call, and that the embedded engine would let every reader call.
 *
 * <p>{@code file} reads any file of the server's machine: the engine takes itself for a command-line tool and asks for no right, where a
 * real server asks for {@code READ ON FILE}. {@code getSubcolumn} ends the whole process if its path begins with a type, as in
 * {@code getSubcolumn(attributes, ':`Int64`')}, and the path may be put together in the statement; what it is good for is written
 * {@code attributes.x} or {@code attributes.x.:Int64} as well, which does no harm.
 *
 * <p>A name must be in the statement to be called: ClickHouse has no parameter for the name of a function. {@code eval}, which runs a
 * text as a query, is therefore looked for as well.
 */
public final class RefusedFunctions {

    /** What to tell whoever wrote such a statement. */
    public static final String WHY =
            "file, eval and getSubcolumn are not allowed (a path of a JSON column is written attributes.x), nor comments in comments,"
                    + " '#', '//', '$' or letters beyond ASCII outside of texts, nor '\\' in names";

    // A setting that is off for readers can be turned on for a subquery, which is enough for eval.
    private static final Set<String> NAMES = Set.of("file", "eval", "getsubcolumn");

    private RefusedFunctions() {}

    /**
     * Whether the statement has one of them as a name of whatever kind, or is written in a way of which it is not certain where
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
