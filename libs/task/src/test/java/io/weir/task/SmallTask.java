package io.weir.task;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.stream.IntStream;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.batch.infrastructure.item.support.ListItemReader;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** A task of two steps that writes down what it does; parameters make it fail, wait and leave something undone. */
@SpringBootApplication
public class SmallTask {

    public static void main(String[] args) {
        WeirTask.run(SmallTask.class, args);
    }

    @Bean
    Job smallJob(JobRepository repository, Step first, Step second) {
        return new JobBuilder("small-job", repository)
                .validator(KnownParameters.of("day", "partial"))
                .start(first)
                .next(second)
                .build();
    }

    @Bean
    Step first(
            JobRepository repository, PlatformTransactionManager transactionManager, @Value("${small.log}") Path log) {
        return new StepBuilder("first", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            write(log, "first");
                            contribution.incrementReadCount();
                            return RepeatStatus.FINISHED;
                        },
                        transactionManager)
                .build();
    }

    @Bean
    Step second(
            JobRepository repository,
            PlatformTransactionManager transactionManager,
            ListItemReader<Integer> reader,
            ItemWriter<Integer> writer) {
        return new StepBuilder("second", repository)
                .<Integer, Integer>chunk(10)
                .transactionManager(transactionManager)
                .reader(reader)
                .writer(writer)
                .listener(new StepExecutionListener() {
                    @Override
                    public ExitStatus afterStep(StepExecution step) {
                        return "yes".equals(step.getJobParameters().getString("partial"))
                                ? TaskOutcome.PARTIAL.exitStatus("1 of 30 was left out")
                                : step.getExitStatus();
                    }
                })
                .build();
    }

    @Bean
    @StepScope
    ListItemReader<Integer> reader() {
        return new ListItemReader<>(IntStream.range(0, 30).boxed().toList());
    }

    /** As long as the file {@code hold} is there it waits; while {@code fail} is there it fails. */
    @Bean
    @StepScope
    ItemWriter<Integer> writer(@Value("${small.log}") Path log) {
        return chunk -> {
            write(log, "second " + chunk.size());
            if (Files.exists(log.resolveSibling("fail"))) {
                throw new IllegalStateException("planned failure");
            }
            try (WatchService deletions = log.getFileSystem().newWatchService()) {
                log.getParent().register(deletions, StandardWatchEventKinds.ENTRY_DELETE);
                while (Files.exists(log.resolveSibling("hold"))) {
                    deletions.take().reset();
                }
            }
        };
    }

    private static void write(Path log, String line) throws java.io.IOException {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
