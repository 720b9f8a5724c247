package io.weir.console.sql;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Values of a statement's parameters, as ClickHouse reads them: as fields of a tab-separated line. */
final class Parameters {

    private Parameters() {}

    static String text(String name, @Nullable Object value) {
        if (value == null) {
            return "\\N";
        }
        return value instanceof List<?> list ? array(name, list) : escaped(scalar(name, value));
    }

    private static String array(String name, List<?> list) {
        return list.stream()
                .map(one -> one instanceof List<?> inner
                        ? array(name, inner)
                        : one instanceof String text
                                ? "'" + escaped(text).replace("'", "\\'") + "'"
                                : one == null ? "NULL" : scalar(name, one))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String scalar(String name, Object value) {
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        throw new SqlException(
                HttpStatus.BAD_REQUEST, "parameters." + name + " is not a text, a number, true, false, null or a list");
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
