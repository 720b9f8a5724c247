package io.weir.retention;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column, and how it goes into a Parquet file and comes out again. Parquet has no states of aggregate functions and no objects of
 * free shape: both are archived as text.
 *
 * @param type as ClickHouse names it
 */
record Column(String name, String type) {

    private static final Pattern SIMPLE = Pattern.compile("SimpleAggregateFunction\\(\\w+, (.*)\\)");

    /** A string or a key with its quotes; a number or a word; a mark. */
    private static final String TOKENS = "'(?s)\"(?:[^\"\\\\\\\\]|\\\\\\\\.)*\"|[^\",:\\\\[\\\\]{}]+|[,:\\\\[\\\\]{}]'";

    /** A whole number without quotes; rarely, something in a string that looks like one. */
    private static final String WHOLE = "'[:\\\\[,]-?[0-9]+[,\\\\]}]'";

    private static final String QUOTED = "__quoted_";

    boolean isObject() {
        return type.equals("JSON") || type.startsWith("JSON(");
    }

    boolean isState() {
        return type.startsWith("AggregateFunction(");
    }

    String quotedName() {
        return "`" + name.replace("`", "\\`") + "`";
    }

    /** Its type in the file, as ClickHouse reads and writes it. */
    String archivedType() {
        if (isObject() || isState()) {
            return "String";
        }
        Matcher simple = SIMPLE.matcher(type);
        return simple.matches() ? simple.group(1) : type;
    }

    /** What is written. */
    String archived() {
        return isObject() ? exactText() : isState() ? "toString(" + quotedName() + ")" : quotedName();
    }

    /** What is read, of its own type again. */
    String restored() {
        return isObject() || isState() ? "CAST(" + quotedName() + ", " + Statements.literal(type) + ")" : quotedName();
    }

    /**
     * What rows are compared by. A state by its size and its result: the same state may be written down in several orders.
     */
    String compared() {
        return isObject()
                ? exactText()
                : isState()
                        ? "(length(toString(" + quotedName() + ")), finalizeAggregation(" + quotedName() + "))"
                        : quotedName();
    }

    /** A further column that {@link #exactText} needs, of a select with {@link #QUOTED_INTEGERS}. */
    String quoted() {
        return "toString(" + quotedName() + ") AS `" + QUOTED + name + "`";
    }

    /** The setting under which {@link #quoted} is selected. */
    static final String QUOTED_INTEGERS = " SETTINGS output_format_json_quote_64bit_integers = 1";

    /**
     * JSON that reads as the same object again. ClickHouse writes the Float64 3 as 3, which reads as Int64, and 1e20 as an integer
     * that it cannot read at all. So each number that stays without quotes where integers are quoted, and has no point, gets one.
     */
    private String exactText() {
        String plain = "toString(" + quotedName() + ")";
        String quoted = "`" + QUOTED + name + "`";
        return "if(match(" + quoted + ", " + WHOLE + "), arrayStringConcat(arrayMap((p, q) -> if(p = q AND match(p,"
                + " '^-?[0-9]+$'), concat(p, '.0'), p), extractAll(" + plain + ", " + TOKENS + "), extractAll(" + quoted
                + ", " + TOKENS + "))), " + plain + ")";
    }
}
