package io.weir.warehouse.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.weir.testing.ClickHouseServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** ClickHouse's own parser is the judge: what it runs as a call of {@code file} must have been found. */
class RefusedFunctionsIT {

    private static final ClickHouseServer SERVER = ClickHouseServer.shared();
    private static final String CONTENT = "content-that-nobody-guesses";

    @TempDir
    private static Path folder;

    private static String file;

    @BeforeAll
    static void aFileToReach() throws Exception {
        Path path = folder.resolve("secret");
        Files.writeString(path, CONTENT);
        file = path.toString();
    }

    @TestFactory
    Stream<DynamicTest> noWayOfWritingItIsOverlooked() {
        return Stream.of(
                        "SELECT file('@')",
                        "SELECT `file`('@')",
                        "SELECT \"file\"('@')",
                        "SELECT \"f\\x69le\"('@')",
                        "SELECT `\\x66ile`('@')",
                        "SELECT file /* x */ ('@')",
                        "SELECT file\n('@')",
                        "SELECT file -- '\n('@')",
                        "SELECT arrayMap(file, ['@'])",
                        "SELECT * APPLY(file) FROM (SELECT '@')",
                        "SELECT * APPLY file FROM (SELECT '@')",
                        "SELECT 1 /* /* */ ' */, file('@') -- '",
                        "SELECT 1 // '\n, file('@') -- '",
                        "SELECT 1 # '\n, file('@') -- '",
                        "SELECT 1 #! '\n, file('@') -- '",
                        "SELECT 1 \u2212\u2212 '\n, file('@') -- '",
                        "SELECT \u2018'\u2019, file('@') -- '",
                        "SELECT $$'$$, file('@') -- '",
                        "SELECT $a$'$a$, file('@') -- '",
                        "SELECT x'5C', x'\\', file('@') -- '",
                        "SELECT x'5C\\', file('@') -- '",
                        "SELECT b'0\\', file('@') -- '",
                        "SELECT 'a\\'', file('@'), '\\''",
                        "SELECT 'a''', file('@'), ''''",
                        "SELECT 'it''s \\\\', file('@')",
                        "SELECT \"a\"\"\" , file('@') FROM (SELECT 1 AS \"a\"\"\")",
                        "SELECT 1 -- '\r, file('@') -- '",
                        "SELECT 1 -- '\f, file('@') -- '",
                        "SELECT 1 -- '\u2028, file('@') -- '",
                        "SELECT '/*', file('@') --*/",
                        "SELECT '--', file('@')",
                        "SELECT 1 -- \\\n, file('@')",
                        "SELECT 1 /* ' */, file('@') /* ' */",
                        "SELECT 1 /*/ '*/, file('@') /* ' */",
                        "SELECT 1\u0000, file('@')",
                        "SELECT\u00a0file('@')",
                        "SELECT * FROM eval('SELECT fi' || 'le(\\'@\\')') SETTINGS allow_experimental_eval_table_function = 1",
                        "SELECT * FROM view(SELECT file('@'))",
                        "WITH file('@') AS x SELECT x")
                .map(sql -> sql.replace("@", file))
                .map(sql -> dynamicTest(sql, () -> assertThat(RefusedFunctions.mayBeIn(sql) || !reads(sql))
                        .isTrue()));
    }

    /** Or the test above would pass with an engine that reads nothing. */
    @TestFactory
    Stream<DynamicTest> plainOnesAreFound() {
        return Stream.of("SELECT file('@')", "SELECT arrayMap(file, ['@'])", "SELECT 1 /* /* */ ' */, file('@') -- '")
                .map(sql -> sql.replace("@", file))
                .map(sql -> dynamicTest(
                        sql, () -> assertThat(RefusedFunctions.mayBeIn(sql)).isTrue()));
    }

    /** They are not tried: they end the server. What calls by no name, as {@code attributes.:Int64}, does not. */
    @TestFactory
    Stream<DynamicTest> noCallOfGetSubcolumnIsOverlooked() {
        return Stream.of(
                        "SELECT getSubcolumn(attributes, ':`Array(JSON)`') FROM events",
                        "SELECT getSubcolumn(attributes, concat(':', '`Int64`')) FROM events",
                        "SELECT `getSubcolumn`(attributes, {path:String}) FROM events",
                        "SELECT \"getSubcolumn\"(attributes, path) FROM events",
                        "SELECT \"getSub\\x63olumn\"(attributes, path) FROM events",
                        "SELECT getSubcolumn /* */ (attributes, path) FROM events",
                        "SELECT 1 /* /* */ ' */, getSubcolumn(attributes, path) -- '",
                        "SELECT COLUMNS('attributes') APPLY(x -> getSubcolumn(x, ':`Array(JSON)`')) FROM events",
                        "WITH x -> getSubcolumn(x, path) AS f SELECT arrayMap(f, [attributes]) FROM events")
                .map(sql -> dynamicTest(
                        sql, () -> assertThat(RefusedFunctions.mayBeIn(sql)).isTrue()));
    }

    @TestFactory
    Stream<DynamicTest> ordinaryStatementsPass() {
        return List.of(
                        "SELECT count() FROM events WHERE message LIKE '%file%' -- every file",
                        "SELECT attributes.x, attributes.x.:Int64, attributes.y[].z.:`Array(JSON)` FROM events",
                        "SELECT 'file', profile, files, file_name FROM events /* file */",
                        "SELECT message FROM events WHERE endpoint = '/file' AND match(message, '^a\\\\d+')",
                        "SELECT 'na\u00efve \u2018quotes\u2019', \"caf\u00e9\" FROM (SELECT 1 AS \"caf\u00e9\")",
                        "SELECT 10 / 2, a.b, [1, 2][1], {x:String}, -1, '$5', '# 1' FROM t WHERE x != 'it''s' AND y = 'a\\'b'",
                        "")
                .stream()
                .map(sql -> dynamicTest("[" + sql + "]", () -> assertThat(RefusedFunctions.mayBeIn(sql))
                        .isFalse()));
    }

    private static boolean reads(String sql) {
        try {
            return SERVER.query(sql).contains(CONTENT);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
