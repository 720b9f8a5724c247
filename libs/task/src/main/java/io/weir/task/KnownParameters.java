package io.weir.task;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.parameters.InvalidJobParametersException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersValidator;

/** Refuses a run with a parameter that its job does not know: a dry run that is mistyped would be a real one. */
public final class KnownParameters implements JobParametersValidator {

    private static final List<String> OF_EVERY_JOB = List.of(JobRun.RUN, JobRun.LOCK);

    private final Set<String> names;

    private KnownParameters(Set<String> names) {
        this.names = names;
    }

    /** Those that every job has, and these. */
    public static KnownParameters of(String... names) {
        return new KnownParameters(new TreeSet<>(List.of(names)));
    }

    @Override
    public void validate(@Nullable JobParameters parameters) throws InvalidJobParametersException {
        if (parameters == null) {
            return;
        }
        for (String name : parameters.parameters().stream()
                .map(parameter -> parameter.name())
                .sorted()
                .toList()) {
            if (!names.contains(name) && !OF_EVERY_JOB.contains(name)) {
                throw new InvalidJobParametersException("there is no parameter '" + name + "'; "
                        + (names.isEmpty() ? "this job has none" : "there are: " + String.join(", ", names))
                        + ". Options have '--' before their name");
            }
        }
    }
}
