package io.weir.metadata.retention;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface RetentionPolicyRepository extends Repository<RetentionPolicy, Long> {

    RetentionPolicy save(RetentionPolicy policy);

    void deleteById(Long id);

    Optional<RetentionPolicy> findByTenantAndTableName(String tenant, String tableName);

    List<RetentionPolicy> findAllByTableName(String tableName);

    List<RetentionPolicy> findAllByOrderByTableNameAscTenantAsc();
}
