package io.weir.task;

/** Another run of the same job is going on. */
public final class JobIsRunningException extends RuntimeException {

    private static final long serialVersionUID = 1;

    JobIsRunningException(String job) {
        super("job " + job + " is running already; this run has done nothing");
    }
}
