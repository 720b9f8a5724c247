package io.weir.bootstrap.script;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One command of a script. */
public sealed interface Command {

    /** Where the command begins. */
    Position position();

    /** The command with the name of what it is about, for messages. */
    String summary();

    /** {@code app import}: registers what a properties file lists. */
    record AppImport(Position position, String uri) implements Command {
        @Override
        public String summary() {
            return "app import " + uri;
        }
    }

    /** {@code app register}. */
    record AppRegister(
            Position position,
            String type,
            String name,
            String uri,
            @Nullable String metadataUri,
            String bootVersion) implements Command {
        @Override
        public String summary() {
            return "app register " + type + " " + name;
        }
    }

    /** {@code stream create}. */
    record StreamCreate(
            Position position,
            String name,
            String definition,
            @Nullable String description,
            boolean deploy) implements Command {
        @Override
        public String summary() {
            return "stream create " + name;
        }
    }

    /** {@code stream deploy}; properties as the script gives them. */
    record StreamDeploy(Position position, String name, Map<String, String> properties) implements Command {
        @Override
        public String summary() {
            return "stream deploy " + name;
        }
    }

    /** {@code stream undeploy}. */
    record StreamUndeploy(Position position, String name) implements Command {
        @Override
        public String summary() {
            return "stream undeploy " + name;
        }
    }

    /** {@code stream destroy}. */
    record StreamDestroy(Position position, String name) implements Command {
        @Override
        public String summary() {
            return "stream destroy " + name;
        }
    }

    /** {@code task create}. */
    record TaskCreate(
            Position position,
            String name,
            String definition,
            @Nullable String description) implements Command {
        @Override
        public String summary() {
            return "task create " + name;
        }
    }

    /** {@code task destroy}. */
    record TaskDestroy(Position position, String name) implements Command {
        @Override
        public String summary() {
            return "task destroy " + name;
        }
    }

    /** {@code task schedule create}. */
    record TaskScheduleCreate(
            Position position,
            String name,
            String taskName,
            String expression,
            Map<String, String> properties,
            @Nullable String arguments)
            implements Command {
        @Override
        public String summary() {
            return "task schedule create " + name;
        }
    }
}
