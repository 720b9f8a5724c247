package io.weir.local;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir task}: runs of tasks, by Data Flow's REST API. */
@Command(
        name = "task",
        description = "Runs and restarts tasks, and lists their runs.",
        subcommands = {TaskCommands.RunTask.class, TaskCommands.RestartTask.class, TaskCommands.ListTasks.class},
        synopsisSubcommandLabel = "COMMAND")
final class TaskCommands {

    private static final Set<String> UNDER_WAY = Set.of("STARTING", "STARTED", "STOPPING");
    private static final int FAILED = 1;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    private static Tasks tasks(Home home) {
        return new Tasks("http://127.0.0.1:" + home.ports(null).dataflow());
    }

    @Command(
            name = "run",
            description = "Runs a task now, shows its steps as they end, and exits with its exit code:"
                    + " 0 success, 1 failed, 3 partial.")
    static final class RunTask implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Parameters(index = "0", paramLabel = "NAME", description = "As in weir task list.")
        private String name = "";

        @Parameters(index = "1..*", paramLabel = "KEY=VALUE", description = "Parameters of the task.")
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Tasks tasks = tasks(where.running());
            List<String> names = tasks.names();
            if (!names.contains(name)) {
                throw new Failure("there is no task '" + name + "'; there are: " + String.join(", ", names));
            }
            for (String argument : arguments) {
                if (argument.indexOf('=') < 1) {
                    throw new Failure("'" + argument + "' is not KEY=VALUE");
                }
            }
            return follow(tasks, tasks.launch(name, arguments));
        }
    }

    @Command(
            name = "restart",
            description = "Goes on with a run that failed, from the step that failed on, and exits as weir task run.")
    static final class RestartTask implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Parameters(index = "0", paramLabel = "RUN", description = "As in weir task list.")
        private long id;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Tasks tasks = tasks(where.running());
            return follow(tasks, tasks.restart(id));
        }
    }

    /** Shows the steps of a run as they end, until it has ended; returns its exit code. */
    private static int follow(Tasks tasks, long id) throws IOException, InterruptedException {
        System.out.println(tasks.run(id).task() + ", run " + id);
        Set<String> known = new HashSet<>();
        List<Tasks.Step> shown = new ArrayList<>();
        while (true) {
            Tasks.Run run = tasks.run(id);
            for (long job : run.jobs()) {
                for (Tasks.Step step : tasks.steps(job)) {
                    if (!UNDER_WAY.contains(step.status()) && known.add(job + step.name())) {
                        shown.add(step);
                        System.out.printf(
                                "  %-32s %-10s read %d, written %d, skipped %d%n",
                                step.name(), step.status(), step.read(), step.written(), step.skipped());
                    }
                }
            }
            Integer code = run.exitCode();
            if (run.hasEnded() && code != null) {
                String message = run.message().isEmpty() ? "exit code " + code : run.message();
                System.out.println(ending(message, shown));
                if (code == FAILED && !run.jobs().isEmpty()) {
                    System.err.println("weir: go on where it failed with weir task restart " + id);
                }
                return code;
            }
            if (run.status().equals("ERROR")
                    || run.status().equals("FAILED")
                    || run.status().equals("CANCELLED")) {
                System.err.println("weir: the task ended before it could record its end:");
                List<String> lines = tasks.log(id).lines().toList();
                lines.subList(Math.max(0, lines.size() - 30), lines.size()).forEach(System.err::println);
                return FAILED;
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
    }

    /** What a run says at its end, without the steps that have been shown and of which it says no more than their counts. */
    static String ending(String message, List<Tasks.Step> shown) {
        String rest = message;
        for (Tasks.Step step : shown) {
            String said = "; %s %s (read %d, written %d, skipped %d)"
                    .formatted(step.name(), step.status(), step.read(), step.written(), step.skipped());
            rest = rest.replaceAll(Pattern.quote(said) + "(?=;|$)", "");
        }
        return rest.replace("; ", ";\n  ");
    }

    @Command(name = "list", description = "Lists tasks with their last runs and next times.")
    static final class ListTasks implements Callable<Integer> {

        private static final int LONGEST = 240;

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Option(names = "-n", paramLabel = "RUNS", defaultValue = "3", description = "How many (${DEFAULT-VALUE}).")
        private int runs;

        @Override
        public Integer call() throws IOException {
            Home home = where.running();
            Tasks tasks = tasks(home);
            List<Schedule> schedules = Schedule.read(home);
            for (String name : tasks.names()) {
                List<String> times = schedules.stream()
                        .filter(schedule -> schedule.task().equals(name))
                        .map(schedule ->
                                schedule.next(Instant.now()) + " (" + schedule.cron() + " " + schedule.zone() + ")")
                        .toList();
                System.out.printf("%-24s next: %s%n", name, times.isEmpty() ? "when asked" : String.join(", ", times));
                for (Tasks.Run run : tasks.runs(name, runs)) {
                    System.out.printf(
                            "  run %-6d %-28s %s %s%n",
                            run.id(),
                            run.start() == null ? "-" : run.start(),
                            run.hasEnded() ? "exit code " + run.exitCode() : run.status(),
                            brief(run));
                }
            }
            return 0;
        }

        /** Of a success the first part; a failure says its cause after it. */
        private static String brief(Tasks.Run run) {
            Integer code = run.exitCode();
            String text = code != null && code == 0 ? run.message().split(";", 2)[0] : run.message();
            return text.length() > LONGEST ? text.substring(0, LONGEST) + " ..." : text;
        }
    }
}
