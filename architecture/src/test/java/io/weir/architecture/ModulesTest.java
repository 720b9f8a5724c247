package io.weir.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may know whom. Reads the modules' compiled classes, so that no module need depend on all others for it. */
class ModulesTest {

    private static final List<String> MODULES = List.of(
            "libs/event",
            "libs/warehouse",
            "libs/metadata",
            "libs/task",
            "apps/source-http",
            "apps/processor-enrich",
            "apps/sink-clickhouse",
            "tasks/rollup-hourly",
            "tasks/retention-purge",
            "tasks/alert-scan",
            "web-console",
            "local/clickhouse",
            "local/bootstrap",
            "local/emulator",
            "local/launcher",
            "bench");

    /** For tests alone, or without code of the layers that the rules are about. */
    private static final List<String> WITHOUT_RULES =
            List.of("libs/testing", "local/kafka", "local/dataflow-server", "architecture");

    private static final String EVENT = "io.weir.event..";
    private static final String WAREHOUSE = "io.weir.warehouse..";
    private static final String METADATA = "io.weir.metadata..";
    private static final String SOURCES = "io.weir.source..";
    private static final String PROCESSORS = "io.weir.processor..";
    private static final String SINKS = "io.weir.sink..";
    private static final String ROLLUP = "io.weir.rollup..";
    private static final String RETENTION = "io.weir.retention..";
    private static final String ALERT_SCAN = "io.weir.alert..";
    private static final String TASK = "io.weir.task..";
    private static final String CONSOLE = "io.weir.console..";
    private static final List<String> DEPLOYABLES =
            List.of(SOURCES, PROCESSORS, SINKS, ROLLUP, RETENTION, ALERT_SCAN, CONSOLE);

    private final JavaClasses classes = new ClassFileImporter()
            .importPaths(MODULES.stream()
                    .map(module -> Path.of("..", module, "target", "classes"))
                    .toList());

    @Test
    void everyModuleIsLookedAt() throws IOException {
        List<String> built = Pattern.compile("<module>([^<]+)</module>")
                .matcher(Files.readString(Path.of("..", "pom.xml")))
                .results()
                .map(module -> module.group(1))
                .filter(module -> !WITHOUT_RULES.contains(module))
                .toList();

        assertThat(MODULES).containsExactlyInAnyOrderElementsOf(built);
        assertThat(MODULES).allSatisfy(module -> assertThat(Path.of("..", module, "target", "classes"))
                .isDirectory());
        assertThat(Stream.concat(DEPLOYABLES.stream(), Stream.of(EVENT, METADATA, WAREHOUSE, TASK)))
                .allSatisfy(name -> assertThat(classes.stream()
                                .anyMatch(type -> type.getPackageName().startsWith(name.replace("..", ""))))
                        .as("classes in %s", name)
                        .isTrue());
    }

    @Test
    void theEventContractKnowsNothingButJava() {
        noClasses()
                .that()
                .resideInAPackage(EVENT)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("io.weir.event..", "java..", "org.jspecify.annotations..")
                .check(classes);
    }

    @Test
    void appsTasksAndTheConsoleDoNotKnowEachOther() {
        for (String one : DEPLOYABLES) {
            String[] others =
                    DEPLOYABLES.stream().filter(other -> !other.equals(one)).toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(one)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(classes);
        }
    }

    @Test
    void librariesDoNotKnowAppsAndTasks() {
        noClasses()
                .that()
                .resideInAnyPackage(EVENT, WAREHOUSE, METADATA, TASK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(DEPLOYABLES.toArray(String[]::new))
                .check(classes);
    }

    @Test
    void theRollupNeedsNoMetadata() {
        noClasses()
                .that()
                .resideInAPackage(ROLLUP)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(METADATA)
                .check(classes);
    }

    @Test
    void onlyTheSourceKnowsTheMetadata() {
        noClasses()
                .that()
                .resideInAnyPackage(PROCESSORS, SINKS, EVENT, WAREHOUSE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(METADATA)
                .check(classes);
    }

    @Test
    void onlyTheSinkKnowsTheWarehouse() {
        noClasses()
                .that()
                .resideInAnyPackage(SOURCES, PROCESSORS, EVENT, METADATA)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(WAREHOUSE)
                .check(classes);
    }

    @Test
    void nothingThatIsDeployedKnowsTheLocalPlatform() {
        noClasses()
                .that()
                .resideInAnyPackage(Stream.concat(DEPLOYABLES.stream(), Stream.of(EVENT, WAREHOUSE, METADATA, TASK))
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.weir.local..", "io.weir.bootstrap..", "io.weir.emulator..", "io.weir.bench..")
                .check(classes);
    }

    @Test
    void noPackagesGoRoundInCircles() {
        slices().matching("io.weir.(**)").should().beFreeOfCycles().check(classes);
    }
}
