package io.weir.alert.settings;

import io.weir.warehouse.WarehouseSettings;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where ClickHouse is.
 *
 * @param url of its HTTP interface; https for TLS
 * @param username a user that may read the database
 * @param password its password
 * @param database that of the events
 * @param connectTimeout how long to wait for a connection
 * @param readTimeout how long ClickHouse may say nothing before it counts as away
 */
@Validated
@ConfigurationProperties("weir.clickhouse")
public record ClickHouseProperties(
        @NotBlank @DefaultValue("http://127.0.0.1:8123") String url,
        @NotBlank @DefaultValue("weir_writer") String username,
        @NotNull @DefaultValue("") String password,
        @NotBlank @DefaultValue("weir") String database,
        @NotNull @DurationMin(millis = 1) @DefaultValue("3s") Duration connectTimeout,
        @NotNull @DurationMin(millis = 1) @DefaultValue("20s") Duration readTimeout) {

    public WarehouseSettings settings() {
        return new WarehouseSettings(url, username, password, database, "", connectTimeout, readTimeout);
    }
}
