package io.weir.warehouse;

/** The format in which ClickHouse answers by default. */
public final class TabSeparated {

    private TabSeparated() {}

    /** A field of a line as it was before it was written; a null is {@code \N}, as it stands there. */
    public static String unescaped(String field) {
        if (field.indexOf('\\') < 0 || field.equals("\\N")) {
            return field;
        }
        StringBuilder text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c != '\\' || i + 1 == field.length()) {
                text.append(c);
                continue;
            }
            char escaped = field.charAt(++i);
            text.append(
                    switch (escaped) {
                        case 'b' -> '\b';
                        case 'f' -> '\f';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case '0' -> '\0';
                        default -> escaped;
                    });
        }
        return text.toString();
    }
}
