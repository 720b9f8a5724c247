package io.weir.bootstrap;

import io.weir.bootstrap.script.Command;
import io.weir.bootstrap.script.Script;
import io.weir.bootstrap.server.DataFlow;
import io.weir.bootstrap.server.DataFlowException;
import io.weir.bootstrap.server.DeployedApp;
import io.weir.bootstrap.server.RegisteredApp;
import io.weir.bootstrap.server.StreamState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a script so that the server ends as the script says, whatever it was before. What is right already is left
 * alone, so a second run changes nothing, and a run that was cut short is finished by the next.
 *
 * <p>A deployed stream whose apps or properties changed is updated by Skipper, app by app. If its definition changed or a
 * property was taken away, which an update cannot do, it is undeployed and deployed anew: records wait in Kafka meanwhile.
 */
public final class ScriptRun {

    private static final Duration POLL = Duration.ofMillis(250);

    private final DataFlow server;
    private final PlatformProperties platform;
    private final Duration patience;
    private final Consumer<String> report;
    private final @Nullable SchedulesFile schedules;
    private final Map<String, Long> deploying = new LinkedHashMap<>();
    private final Set<String> leftOut = new LinkedHashSet<>();

    /**
     * @param patience how long a stream may take from its deployment until its apps run
     * @param report takes one line for each command
     * @param schedules takes the schedules for a server that has no scheduler; with it, tasks whose app is not registered are
     *     left out, since such a platform has the tasks that were built for it
     */
    public ScriptRun(
            DataFlow server,
            PlatformProperties platform,
            Duration patience,
            Consumer<String> report,
            @Nullable SchedulesFile schedules) {
        this.server = server;
        this.platform = platform;
        this.patience = patience;
        this.report = report;
        this.schedules = schedules;
    }

    /** Registers what the apps file lists. */
    public void registerApps(String location) {
        try {
            for (RegisteredApp app : AppsFile.read(location)) {
                report.accept("app " + app.type() + " " + app.name() + ": " + register(app));
            }
        } catch (DataFlowException e) {
            throw new BootstrapException(e.getMessage() == null ? "failed" : e.getMessage(), e);
        }
    }

    /**
     * Carries out the commands in order, then waits until every stream that is to be deployed runs.
     *
     * @throws BootstrapException if a command fails (those after it are not tried) or a stream does not come to run
     */
    public void run(Script script) {
        for (Command command : script.commands()) {
            try {
                report.accept(command.summary() + ": " + carryOut(command));
            } catch (DataFlowException | BootstrapException e) {
                throw new BootstrapException(
                        command.position() + ": " + command.summary() + " failed: " + e.getMessage(), e);
            }
        }
        try {
            awaitDeployed();
            if (schedules != null) {
                schedules.write();
            }
        } catch (DataFlowException e) {
            throw new BootstrapException(e.getMessage() == null ? "failed" : e.getMessage(), e);
        }
    }

    private String carryOut(Command command) {
        if (command instanceof Command.AppImport c) {
            int changed = 0;
            List<RegisteredApp> apps = AppsFile.read(c.uri());
            for (RegisteredApp app : apps) {
                changed += register(app).equals("unchanged") ? 0 : 1;
            }
            return changed == 0
                    ? "unchanged (" + apps.size() + " apps)"
                    : "registered " + changed + " of " + apps.size() + " apps";
        } else if (command instanceof Command.AppRegister c) {
            String metadata = c.metadataUri() == null ? "" : c.metadataUri();
            return register(AppsFile.app(c.type(), c.name(), c.uri(), metadata, c.bootVersion()));
        } else if (command instanceof Command.StreamCreate c) {
            String done = create(c);
            return c.deploy() ? done + ", " + deploy(c.name(), Map.of()) : done;
        } else if (command instanceof Command.StreamDeploy c) {
            return deploy(c.name(), c.properties());
        } else if (command instanceof Command.StreamUndeploy c) {
            deploying.remove(c.name());
            return undeploy(c.name()) ? "undeployed" : "unchanged (it was not deployed)";
        } else if (command instanceof Command.StreamDestroy c) {
            deploying.remove(c.name());
            if (server.stream(c.name()).isEmpty()) {
                return "unchanged (there is none)";
            }
            destroy(c.name());
            return "destroyed";
        } else if (command instanceof Command.TaskCreate c) {
            return create(c);
        } else if (command instanceof Command.TaskDestroy c) {
            if (server.task(c.name()).isEmpty()) {
                return "unchanged (there is none)";
            }
            server.destroyTask(c.name());
            return "destroyed";
        } else if (command instanceof Command.TaskScheduleCreate c) {
            return create(c);
        }
        throw new IllegalStateException("unknown command " + command);
    }

    private String register(RegisteredApp app) {
        Optional<RegisteredApp> registered = server.app(app.type(), app.name(), app.version());
        boolean same = registered.filter(app::equals).isPresent();
        if (!same) {
            server.register(app);
        }
        boolean isDefault = server.app(app.type(), app.name())
                .filter(a -> a.version().equals(app.version()))
                .isPresent();
        if (!isDefault) {
            server.makeDefault(app);
        }
        if (same) {
            return isDefault ? "unchanged" : "now version " + app.version();
        }
        return (registered.isPresent() ? "registered again, version " : "registered, version ") + app.version();
    }

    private String create(Command.StreamCreate wanted) {
        StreamState existing = server.stream(wanted.name()).orElse(null);
        if (existing != null) {
            if (sameDefinition(existing.definition(), wanted.definition())) {
                return "unchanged";
            }
            destroy(wanted.name());
        }
        server.createStream(wanted.name(), wanted.definition(), wanted.description());
        return existing == null
                ? "created"
                : "its definition changed from '" + existing.definition() + "', so it was destroyed and created anew";
    }

    private String create(Command.TaskCreate wanted) {
        String app = wanted.definition().strip().split("\\s+", 2)[0];
        if (schedules != null && server.app("task", app).isEmpty()) {
            leftOut.add(wanted.name());
            return "left out, because no task named '" + app + "' is registered";
        }
        String existing = server.task(wanted.name()).orElse(null);
        if (existing != null) {
            if (sameDefinition(existing, wanted.definition())) {
                return "unchanged";
            }
            server.destroyTask(wanted.name());
        }
        server.createTask(wanted.name(), wanted.definition(), wanted.description());
        return existing == null ? "created" : "its definition changed, so it was destroyed and created anew";
    }

    private String create(Command.TaskScheduleCreate wanted) {
        if (leftOut.contains(wanted.taskName())) {
            return "left out with its task";
        }
        if (!server.hasScheduler()) {
            if (schedules == null) {
                return "skipped, because this server has no scheduler";
            }
            schedules.add(wanted);
            return "for the platform's own scheduler";
        }
        if (server.hasSchedule(wanted.name())) {
            return "unchanged";
        }
        server.createSchedule(
                wanted.name(), wanted.taskName(), wanted.expression(), wanted.properties(), wanted.arguments());
        return "created";
    }

    private String deploy(String name, Map<String, String> given) {
        StreamState stream = server.stream(name)
                .orElseThrow(() -> new BootstrapException("there is no stream '" + name + "': create it first"));
        Map<String, String> properties = new TreeMap<>(platform.forStream(name, given));
        Map<String, Fingerprint> wanted = fingerprints(stream.definition(), properties);
        Map<String, String> request = new TreeMap<>(properties);
        wanted.forEach((label, fingerprint) -> request.putAll(fingerprint.asProperties(label)));

        boolean runs = stream.status().equals("deployed") || stream.status().equals("deploying");
        deploying.put(name, System.nanoTime());
        if (!runs) {
            boolean leftover = undeploy(name);
            server.deployStream(name, request);
            return leftover ? "it was " + stream.status() + ", deploying it anew" : "deploying";
        }
        Map<String, Fingerprint> current = server.deployedApps(name).stream()
                .collect(Collectors.toMap(DeployedApp::label, app -> Fingerprint.read(app.deployerProperties())));
        Set<String> changed = new LinkedHashSet<>();
        boolean takesAway = false;
        for (Map.Entry<String, Fingerprint> app : wanted.entrySet()) {
            Fingerprint before = current.get(app.getKey());
            if (before == null || !before.state().equals(app.getValue().state())) {
                changed.add(app.getKey());
                takesAway |= before == null || !app.getValue().keys().containsAll(before.keys());
            }
        }
        if (changed.isEmpty()) {
            return stream.status().equals("deployed") ? "unchanged" : "already deploying";
        }
        if (takesAway) {
            undeploy(name);
            server.deployStream(name, request);
            return "a property was taken away from " + String.join(", ", changed)
                    + ", so it was undeployed and is deploying anew";
        }
        awaitStatus(name, "deployed", patience);
        for (String label : changed) {
            appOf(stream.definition(), label).ifPresent(app -> request.put("version." + label, app.version()));
        }
        server.updateStream(name, request);
        return "updating " + String.join(", ", changed);
    }

    private Map<String, Fingerprint> fingerprints(String definition, Map<String, String> properties) {
        Map<String, Fingerprint> fingerprints = new LinkedHashMap<>();
        for (StreamApps.App app : StreamApps.of(definition).apps()) {
            RegisteredApp registered = server.app(app.type(), app.name())
                    .orElseThrow(() -> new BootstrapException(
                            "no " + app.type() + " named '" + app.name() + "' is registered on " + server.address()));
            fingerprints.put(app.label(), Fingerprint.of(app.label(), registered, properties));
        }
        return fingerprints;
    }

    private Optional<RegisteredApp> appOf(String definition, String label) {
        return StreamApps.of(definition).apps().stream()
                .filter(app -> app.label().equals(label))
                .findFirst()
                .flatMap(app -> server.app(app.type(), app.name()));
    }

    private static boolean sameDefinition(String one, String other) {
        return one.strip().replaceAll("\\s+", " ").equals(other.strip().replaceAll("\\s+", " "));
    }

    private void destroy(String name) {
        undeploy(name);
        server.destroyStream(name);
        await(() -> server.stream(name).isEmpty(), Duration.ofSeconds(30), "stream '" + name + "' is still there");
    }

    /** Undeploys what Skipper still holds of a stream, running or not; returns whether it held anything. */
    private boolean undeploy(String name) {
        if (isGone(server.newestRelease(name).orElse(null))) {
            return false;
        }
        server.undeployStream(name);
        await(
                () -> isGone(server.newestRelease(name).orElse(null)),
                patience,
                "stream '" + name + "' did not come to be undeployed");
        return true;
    }

    private static boolean isGone(@Nullable String release) {
        return release == null || release.equals("DELETED");
    }

    private void awaitDeployed() {
        for (Map.Entry<String, Long> stream : deploying.entrySet()) {
            awaitStatus(stream.getKey(), "deployed", patience);
            double seconds = (System.nanoTime() - stream.getValue()) / 1e9;
            report.accept("stream " + stream.getKey() + ": deployed"
                    + (seconds < 1 ? "" : " after %.1f s".formatted(seconds)));
        }
        deploying.clear();
    }

    private void awaitStatus(String name, String wanted, Duration limit) {
        await(
                () -> {
                    String status = server.stream(name).map(StreamState::status).orElse("missing");
                    String release = server.newestRelease(name).orElse("");
                    if (release.equals("FAILED")) {
                        throw new BootstrapException(
                                "stream '" + name + "' failed to deploy; the logs of its apps and of Skipper say why");
                    }
                    return status.equals(wanted) && release.equals("DEPLOYED");
                },
                limit,
                "stream '" + name + "' did not come to be " + wanted + " within " + limit.toSeconds() + " s");
    }

    /** Asks again and again: Data Flow tells nobody when a state changes. */
    static void await(BooleanSupplier condition, Duration limit, String otherwise) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new BootstrapException(otherwise);
            }
            try {
                Thread.sleep(POLL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BootstrapException("interrupted", e);
            }
        }
    }
}
