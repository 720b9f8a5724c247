package io.weir.console.admin;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.Data;
import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who did what. */
@RestController
@Tag(name = "audit", description = "Who did what")
class AuditController {

    private static final int LARGEST_PAGE = 1000;

    record View(
            long number,
            Instant at,
            String actor,
            String action,
            String tenant,
            String subject,
            @JsonRawValue String detail,
            String hash) {}

    /**
     * @param next what to give as {@code after} for the next page; null at the end
     */
    record Page(String status, List<View> data, @Nullable Long next) {}

    record Verified(boolean intact, long entries, @Nullable String problem) {}

    private final AuditLog audit;

    AuditController(AuditLog audit) {
        this.audit = audit;
    }

    @GetMapping(path = "/api/v1/audit", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "The log, the oldest first",
            description = "after: next of the page before. A page of long entries has fewer than limit.")
    Page list(
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "100") int limit,
            Caller caller) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new IllegalArgumentException("limit is " + limit + ": it must be 1 to " + LARGEST_PAGE);
        }
        AuditLog.Page page = audit.page(after, limit, caller.tenant());
        List<View> entries = page.entries().stream().map(AuditController::view).toList();
        Long next = page.hasMore() ? entries.get(entries.size() - 1).number() : null;
        return new Page("success", entries, next);
    }

    /** One JSON object a line, as they stand in the log when it is asked for; in memory is little of it. */
    @GetMapping("/api/v1/audit/export")
    @Operation(
            summary = "The log as it stands, one JSON object a line",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            description = "OK",
                            content = @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string"))))
    void export(@RequestParam(defaultValue = "0") long after, Caller caller, HttpServletResponse response)
            throws IOException {
        String tenant = caller.tenant();
        long last = audit.append(new AuditEvent(
                        caller.name(),
                        "audit.export",
                        tenant == null ? "" : tenant,
                        "audit",
                        Map.of("after", Long.toString(after))))
                .number();
        response.setContentType("application/x-ndjson");
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\"");
        Writer out = new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8));
        try {
            audit.read(after, last, tenant, entry -> {
                try {
                    out.write(entry.asJson());
                    out.write('\n');
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        out.flush();
    }

    @GetMapping(path = "/api/v1/audit/verify", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Whether the chain of its hashes holds")
    Data<Verified> verify() {
        AuditLog.Verification found = audit.verify();
        return Data.of(new Verified(found.isIntact(), found.entries(), found.problem()));
    }

    private static View view(AuditEntry entry) {
        return new View(
                entry.number(),
                entry.at(),
                entry.actor(),
                entry.action(),
                entry.tenant(),
                entry.subject(),
                entry.detail(),
                HexFormat.of().formatHex(entry.hash()));
    }
}
