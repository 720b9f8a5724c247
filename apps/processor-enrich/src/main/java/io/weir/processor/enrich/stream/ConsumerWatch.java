package io.weir.processor.enrich.stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.kafka.event.ConsumerStoppedEvent;

/** Ends the process when a consumer thread dies, so that the platform restarts it: its partitions have nobody else here. */
final class ConsumerWatch implements ApplicationListener<ConsumerStoppedEvent> {
    private static final Logger log = LoggerFactory.getLogger(ConsumerWatch.class);
    private static final int CONSUMER_LOST = 70; // sysexits.h: an internal error

    private final ApplicationContext context;

    ConsumerWatch(ApplicationContext context) {
        this.context = context;
    }

    @Override
    public void onApplicationEvent(ConsumerStoppedEvent event) {
        if (event.getReason() == ConsumerStoppedEvent.Reason.NORMAL) {
            return;
        }
        log.error("The consumer has stopped ({}): the process ends to be restarted", event.getReason());
        AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
        // Not on this thread: the exit waits for the container, and the container for this event.
        Thread exit = new Thread(() -> System.exit(SpringApplication.exit(context, () -> CONSUMER_LOST)), "exit");
        exit.setDaemon(true);
        exit.start();
    }
}
