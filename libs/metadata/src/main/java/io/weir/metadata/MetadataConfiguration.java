package io.weir.metadata;

import io.weir.metadata.account.AccountMetadata;
import io.weir.metadata.aggregation.AggregationMetadata;
import io.weir.metadata.alert.AlertMetadata;
import io.weir.metadata.audit.AuditMetadata;
import io.weir.metadata.ingest.IngestMetadata;
import io.weir.metadata.key.ApiKeyMetadata;
import io.weir.metadata.notify.NotifyMetadata;
import io.weir.metadata.retention.RetentionMetadata;
import io.weir.metadata.rule.RuleMetadata;
import io.weir.metadata.rulebook.RuleBookMetadata;
import io.weir.metadata.silence.SilenceMetadata;
import io.weir.metadata.subscription.SubscriptionMetadata;
import io.weir.metadata.tenant.TenantMetadata;
import io.weir.metadata.user.UserMetadata;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Import;

/** Makes the metadata available to any Boot application that has this module and a PostgreSQL DataSource. */
@AutoConfiguration(
        beforeName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@Import({
    AccountMetadata.class,
    AggregationMetadata.class,
    AlertMetadata.class,
    ApiKeyMetadata.class,
    AuditMetadata.class,
    IngestMetadata.class,
    NotifyMetadata.class,
    RetentionMetadata.class,
    RuleBookMetadata.class,
    RuleMetadata.class,
    SilenceMetadata.class,
    SubscriptionMetadata.class,
    TenantMetadata.class,
    UserMetadata.class
})
public class MetadataConfiguration {}
