package io.weir.metadata.rulebook;

import io.weir.metadata.alert.Alerts;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.silence.Silences;
import io.weir.metadata.subscription.Subscriptions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class RuleBookMetadata {

    @Bean
    RuleBooks ruleBooks(
            Rules rules,
            Alerts alerts,
            Silences silences,
            Routing routing,
            Subscriptions subscriptions,
            AuditLog audit,
            PlatformTransactionManager transactionManager) {
        return new RuleBooks(rules, alerts, silences, routing, subscriptions, audit, transactionManager);
    }
}
