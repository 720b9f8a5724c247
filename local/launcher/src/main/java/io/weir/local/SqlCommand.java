package io.weir.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir sql}. */
@Command(
        name = "sql",
        description = "Runs a statement in ClickHouse and prints tab-separated rows; without one, asks for them.")
final class SqlCommand implements Callable<Integer> {

    @Mixin
    private Weir.Where where = new Weir.Where();

    @Option(
            names = "--format",
            defaultValue = "TabSeparated",
            description = "Any of ClickHouse's output formats (default ${DEFAULT-VALUE}).")
    private String format = "TabSeparated";

    @Parameters(arity = "0..1", paramLabel = "STATEMENT", description = "'-' reads it from standard input.")
    private @Nullable String statement;

    @Override
    public Integer call() throws IOException {
        ClickHouseSql sql = Weir.servers(where.running()).sql(Servers.DATABASE);
        if (statement != null) {
            String text =
                    statement.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : statement;
            try {
                sql.query(text, format, System.out);
            } catch (java.net.ConnectException e) {
                throw new Failure("ClickHouse does not answer at " + sql.uri() + "; see ./weir status");
            }
            return 0;
        }
        return prompt(sql);
    }

    /** Statements that end in a semicolon at a line's end, the last one also without; from a file the first error is the end. */
    private static int prompt(ClickHouseSql sql) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        boolean terminal = System.console() != null;
        StringBuilder statement = new StringBuilder();
        while (true) {
            if (terminal) {
                System.out.print(statement.length() == 0 ? "weir> " : "   -> ");
                System.out.flush();
            }
            String line = in.readLine();
            boolean over = line == null
                    || statement.length() == 0 && List.of("exit", "quit", "\\q").contains(line.strip());
            if (line != null && !over) {
                statement.append(line).append('\n');
                if (!line.stripTrailing().endsWith(";")) {
                    continue;
                }
            }
            String text = statement.toString().strip();
            statement.setLength(0);
            if (!text.isEmpty()) {
                try {
                    sql.query(
                            text.endsWith(";") ? text.substring(0, text.length() - 1) : text,
                            terminal ? "PrettyCompactMonoBlock" : "TabSeparated",
                            System.out);
                } catch (Failure e) {
                    if (!terminal) {
                        throw e;
                    }
                    System.err.println(e.getMessage());
                }
            }
            if (over) {
                return 0;
            }
        }
    }
}
