package io.weir.alert;

import io.weir.alert.channel.AddressGuard;
import io.weir.alert.channel.Email;
import io.weir.alert.channel.HttpPost;
import io.weir.alert.channel.PagerDuty;
import io.weir.alert.channel.Series;
import io.weir.alert.channel.Slack;
import io.weir.alert.channel.Sms;
import io.weir.alert.channel.Webhook;
import io.weir.alert.channel.Words;
import io.weir.alert.decide.DecideTasklet;
import io.weir.alert.deliver.DeliverTasklet;
import io.weir.alert.deliver.Retries;
import io.weir.alert.deliver.SecretFiles;
import io.weir.alert.deliver.Sender;
import io.weir.alert.evaluate.EvaluateTasklet;
import io.weir.alert.evaluate.Evaluator;
import io.weir.alert.evaluate.ResultQuery;
import io.weir.alert.evaluate.WindowQuery;
import io.weir.alert.settings.AlertProperties;
import io.weir.alert.trim.TrimTasklet;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.silence.Silences;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.task.KnownParameters;
import io.weir.warehouse.Warehouse;
import java.time.Clock;
import java.util.List;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** The job and its parts. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AlertProperties.class)
class AlertScanConfiguration {

    @Bean
    Job alertScan(JobRepository repository, Steps steps) {
        return new JobBuilder("alert-scan", repository)
                .validator(KnownParameters.of())
                .start(steps.evaluate())
                .next(steps.decide())
                .next(steps.deliver())
                .next(steps.trim())
                .build();
    }

    /** The steps, which are no beans: there is one job. */
    record Steps(Step evaluate, Step decide, Step deliver, Step trim) {}

    @Bean
    Steps steps(
            JobRepository repository,
            PlatformTransactionManager transactionManager,
            AlertProperties properties,
            Evaluator evaluator,
            Rules rules,
            Alerts alerts,
            Silences silences,
            Routing routing,
            Outbox outbox,
            AuditLog audit,
            List<Sender> senders) {
        Clock clock = Clock.systemUTC();
        TransactionOperations transactions = new TransactionTemplate(transactionManager);
        return new Steps(
                step(
                        repository,
                        "evaluate",
                        new EvaluateTasklet(
                                evaluator, rules, alerts, clock, properties.delay(), properties.concurrency())),
                step(
                        repository,
                        "decide",
                        new DecideTasklet(rules, alerts, silences, routing, outbox, transactions, clock)),
                step(
                        repository,
                        "deliver",
                        new DeliverTasklet(
                                outbox,
                                routing,
                                senders,
                                new SecretFiles(properties.secretsFolder()),
                                new Retries(
                                        properties.retryFirst(),
                                        properties.retryMost(),
                                        properties.giveUpAfter(),
                                        properties.fallbackAfter()),
                                audit,
                                transactions,
                                clock,
                                properties.claim(),
                                properties.deliverWithin(),
                                properties.concurrency())),
                step(repository, "trim", new TrimTasklet(alerts, outbox, silences, clock, properties.keepHistory())));
    }

    /** A step commits where it chooses, not as a whole: what one tenant or notice has reached stays if the next one fails. */
    private static Step step(JobRepository repository, String name, Tasklet tasklet) {
        return new StepBuilder(name, repository)
                .tasklet(tasklet, new ResourcelessTransactionManager())
                .listener(new PartialOutcome())
                .build();
    }

    @Bean
    WindowQuery windowQuery(Warehouse warehouse, AlertProperties properties) {
        return new WindowQuery(warehouse, properties.queryTimeout(), properties.groupsPerRule());
    }

    @Bean
    ResultQuery resultQuery(Subscriptions subscriptions, AlertProperties properties) {
        return new ResultQuery(subscriptions, properties.groupsPerRule());
    }

    @Bean
    Evaluator evaluator(WindowQuery windows, ResultQuery results, Rules rules, AlertProperties properties) {
        return new Evaluator(windows, results, rules, properties.catchUp(), properties.windowsPerRun());
    }

    @Bean
    Series series(WindowQuery windows, Rules rules) {
        return new RuleSeries(windows, rules);
    }

    @Bean
    Words words(AlertProperties properties) {
        return new Words(properties.consoleUrl());
    }

    @Bean
    HttpPost httpPost(AlertProperties properties) {
        return new HttpPost(new AddressGuard(properties.networks()), properties.sendTimeout(), properties.allowHttp());
    }

    @Bean
    Email email(JavaMailSender mail, Words words, Series series, AlertProperties properties) {
        return new Email(mail, words, series, properties.mailFrom());
    }

    @Bean
    Slack slack(HttpPost http, Words words) {
        return new Slack(http, words);
    }

    @Bean
    PagerDuty pagerDuty(HttpPost http, Words words) {
        return new PagerDuty(http, words);
    }

    @Bean
    Webhook webhook(HttpPost http, Words words) {
        return new Webhook(http, words, Clock.systemUTC());
    }

    @Bean
    Sms sms(HttpPost http, Words words) {
        return new Sms(http, words);
    }
}
