package io.weir.task;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The {@code main} of a task. */
public final class WeirTask {

    private WeirTask() {}

    /**
     * Runs the application's job once and ends the process: 0 success, 1 failed, 3 partial ({@link TaskOutcome}).
     *
     * <p>On SIGTERM the job stops at the next point from which it can be restarted, and its end is recorded.
     */
    public static void run(Class<?> application, String... args) {
        ProcessEnd end = new ProcessEnd();
        SpringApplication spring = new SpringApplication(application);
        // The context must outlive the shutdown hook that lets the job come to its stop.
        spring.setRegisterShutdownHook(false);
        spring.addInitializers(context -> context.getBeanFactory().registerSingleton("processEnd", end));
        int code = TaskOutcome.FAILED.exitCode();
        try {
            ConfigurableApplicationContext context = spring.run(args);
            code = SpringApplication.exit(context);
        } catch (RuntimeException e) {
            // Boot has reported it, and Cloud Task has recorded it if there was a database to do so.
            code = TaskOutcome.FAILED.exitCode();
        } finally {
            end.reached();
        }
        System.exit(code);
    }
}
