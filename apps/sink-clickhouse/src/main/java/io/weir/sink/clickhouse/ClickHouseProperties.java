package io.weir.sink.clickhouse;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where ClickHouse is.
 *
 * @param url of its HTTP interface; https for TLS
 * @param username a user that may read and write the database, define its tables, and see and kill its own queries
 * @param password its password
 * @param database created if it does not exist
 * @param cluster the cluster to define replicated tables on; empty for one server and for ClickHouse Cloud
 */
@Validated
@ConfigurationProperties("weir.clickhouse")
public record ClickHouseProperties(
        @NotBlank @DefaultValue("http://127.0.0.1:8123") String url,
        @NotBlank @DefaultValue("weir_writer") String username,
        @NotNull @DefaultValue("") String password,
        @NotBlank @DefaultValue("weir") String database,
        @NotNull @DefaultValue("") String cluster) {}
