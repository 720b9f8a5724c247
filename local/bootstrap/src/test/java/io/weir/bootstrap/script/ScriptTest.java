package io.weir.bootstrap.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTest {

    @Test
    void aStreamIsCreatedAndDeployed() {
        Script script = Script.parse("""
                stream create --name events --definition "http | log" --description 'In and out'
                stream deploy --name events
                """);

        assertThat(script.commands())
                .containsExactly(
                        new Command.StreamCreate(new Position(1, 1), "events", "http | log", "In and out", false),
                        new Command.StreamDeploy(new Position(2, 1), "events", Map.of()));
    }

    @Test
    void optionsMayStandInAnyOrderAndBothForms() {
        assertThat(only("stream create --deploy --definition=\"a | b\" --name x"))
                .isEqualTo(new Command.StreamCreate(new Position(1, 1), "x", "a | b", null, true));
        assertThat(only("stream create --name x --definition 'a | b' --deploy false"))
                .isEqualTo(new Command.StreamCreate(new Position(1, 1), "x", "a | b", null, false));
    }

    @Test
    void quotesKeepTheOtherKindAndABackslashTakesTheNextCharacter() {
        assertThat(definition("\"filter --expression='a b' | log\"")).isEqualTo("filter --expression='a b' | log");
        assertThat(definition("'filter --expression=\"a b\" | log'")).isEqualTo("filter --expression=\"a b\" | log");
        assertThat(definition("\"filter --expression=\\\"a\\\" | log\"")).isEqualTo("filter --expression=\"a\" | log");
        assertThat(definition("\"match \\\\d+\"")).isEqualTo("match \\d+");
    }

    @Test
    void aValueInQuotesMayBeginWithTwoDashes() {
        assertThat(definition("\"--x\"")).isEqualTo("--x");
    }

    @Test
    void aBackslashAtTheEndOfALineContinuesTheCommand() {
        Script script =
                Script.parse("stream create \\\n  --name x \\\n  --definition \"a | \\\nb\"\nstream deploy --name x");

        assertThat(script.commands())
                .containsExactly(
                        new Command.StreamCreate(new Position(1, 1), "x", "a | b", null, false),
                        new Command.StreamDeploy(new Position(5, 1), "x", Map.of()));
    }

    @Test
    void commentsAndEmptyLinesSayNothing() {
        assertThat(Script.parse("# one\n\n  // two\r\n\t\n").commands()).isEmpty();
        assertThat(only("app register --type source --name x --uri http://h/x-1.jar"))
                .isInstanceOfSatisfying(
                        Command.AppRegister.class, app -> assertThat(app.uri()).isEqualTo("http://h/x-1.jar"));
    }

    @Test
    void deploymentPropertiesMayHoldCommasInTheirValues() {
        assertThat(only("stream deploy --name x --properties \"app.a.list=1,2,3,deployer.*.memory=1g, app.b.c=d=e\""))
                .isEqualTo(new Command.StreamDeploy(
                        new Position(1, 1),
                        "x",
                        Map.of("app.a.list", "1,2,3", "deployer.*.memory", "1g", "app.b.c", "d=e")));
    }

    @Test
    void tasksAndSchedulesAreRead() {
        assertThat(Script.parse("""
                                task create --name rollup --definition "rollup-hourly --x=1"
                                task schedule create --name r --definitionName rollup --expression "5 * * * *" --arguments "--full"
                                """).commands())
                .isEqualTo(List.of(
                        new Command.TaskCreate(new Position(1, 1), "rollup", "rollup-hourly --x=1", null),
                        new Command.TaskScheduleCreate(
                                new Position(2, 1), "r", "rollup", "5 * * * *", Map.of(), "--full")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "stream crate --name x; line 1, column 1: 'stream crate' is not a command",
                "stream deploy; line 1, column 1: stream deploy needs --name",
                "`  stream create --name x`; line 1, column 3: stream create needs --definition",
                "stream deploy --name x --platform y; line 1, column 24: stream deploy has no option --platform",
                "stream deploy --name; line 1, column 15: --name has no value",
                "stream deploy --name x --name y; line 1, column 24: --name is given twice",
                "stream deploy --name x y; line 1, column 24: 'y' stands alone",
                "stream create --name \"x; line 1, column 22: the quote \" is not closed",
                "app register --name x --uri y --type z; line 1, column 38: --type is 'z', not one of",
                "stream deploy --name x --properties nonsense; line 1, column 37: 'nonsense' is not key=value",
                "stream create --name x --definition y --deploy maybe; line 1, column 48: --deploy is 'maybe'"
            })
    void aMistakeIsReportedWithItsPlace(String text, String problem) {
        assertThatThrownBy(() -> Script.parse(text))
                .isInstanceOf(ScriptException.class)
                .hasMessageStartingWith(problem);
    }

    @Test
    void aMistakeFurtherDownIsReportedWithItsLine() {
        assertThatThrownBy(() -> Script.parse("# one\nstream deploy --name x\n\nstream explode\n"))
                .hasMessageStartingWith("line 4, column 1");
    }

    private static Command only(String text) {
        List<Command> commands = Script.parse(text).commands();
        assertThat(commands).hasSize(1);
        return commands.get(0);
    }

    private static String definition(String quoted) {
        return ((Command.StreamCreate) only("stream create --name x --definition " + quoted)).definition();
    }
}
