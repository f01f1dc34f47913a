{{/* How the processes and KEDA speak to brokers, and how these know them. */}}

{{/* Where the files of Secrets lie in a pod: outside all that a test script may read. */}}
{{- define "ai-testops.kafkaFolder" -}}
/etc/ai-testops/kafka
{{- end -}}

{{/* root → the variables of a process that speaks to Kafka. */}}
{{- define "ai-testops.kafkaVariables" -}}
{{- $security := .Values.kafka.security -}}
{{- $folder := include "ai-testops.kafkaFolder" . -}}
- name: TESTOPS_KAFKA_BROKERS
  value: {{ include "ai-testops.brokers" . | quote }}
- name: TESTOPS_KAFKA_TOPIC_CREATION
  value: verify
- name: TESTOPS_KAFKA_SECURITY_PROTOCOL
  value: {{ $security.protocol }}
{{- if hasPrefix "SASL_" $security.protocol }}
- name: TESTOPS_KAFKA_SASL_MECHANISM
  value: {{ $security.mechanism }}
{{- include "ai-testops.secret" (list . "TESTOPS_KAFKA_SASL_USERNAME" "kafkaUsername" false) }}
{{- include "ai-testops.secret" (list . "TESTOPS_KAFKA_SASL_PASSWORD" "kafkaPassword" false) }}
{{- end }}
{{- if $security.ca.secret }}
- name: TESTOPS_KAFKA_SSL_CA_FILE
  value: {{ $folder }}/ca.crt
{{- end }}
{{- with $security.certificate }}
{{- if .secret }}
- name: TESTOPS_KAFKA_SSL_CERTIFICATE_FILE
  value: {{ $folder }}/tls.crt
- name: TESTOPS_KAFKA_SSL_KEY_FILE
  value: {{ $folder }}/tls.key
{{- end }}
{{- if .encrypted }}
{{- include "ai-testops.secret" (list $ "TESTOPS_KAFKA_SSL_KEY_PASSWORD" "kafkaKeyPassword" false) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (root, component) → "true" where the pod has files for Kafka. */}}
{{- define "ai-testops.hasKafkaFiles" -}}
{{- $security := (index . 0).Values.kafka.security -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- if and (has "kafka" $it.reaches) (or $security.ca.secret $security.certificate.secret) -}}
true
{{- end -}}
{{- end -}}

{{/* root → the volume of these files; what comes from Secrets is read-only by itself. */}}
{{- define "ai-testops.kafkaVolume" -}}
- name: kafka
  projected:
    # The pod's group reads them, nobody else.
    defaultMode: 0440
    sources:
      {{- with .Values.kafka.security.ca }}
      {{- if .secret }}
      - secret:
          name: {{ .secret }}
          items:
            - {key: {{ .key }}, path: ca.crt}
      {{- end }}
      {{- end }}
      {{- with .Values.kafka.security.certificate }}
      {{- if .secret }}
      - secret:
          name: {{ .secret }}
          items:
            - {key: {{ .chain }}, path: tls.crt}
            - {key: {{ .key }}, path: tls.key}
      {{- end }}
      {{- end }}
{{- end -}}

{{/* root → what a TriggerAuthentication tells KEDA; empty where it needs to know nothing. */}}
{{- define "ai-testops.kedaParameters" -}}
{{- $security := .Values.kafka.security -}}
{{- $secrets := .Values.secrets -}}
{{- if hasPrefix "SASL_" $security.protocol }}
- {parameter: username, name: {{ $secrets.name }}, key: {{ $secrets.keys.kafkaUsername }}}
- {parameter: password, name: {{ $secrets.name }}, key: {{ $secrets.keys.kafkaPassword }}}
{{- end }}
{{- with $security.ca }}
{{- if .secret }}
- {parameter: ca, name: {{ .secret }}, key: {{ .key }}}
{{- end }}
{{- end }}
{{- with $security.certificate }}
{{- if .secret }}
- {parameter: cert, name: {{ .secret }}, key: {{ .chain }}}
- {parameter: key, name: {{ .secret }}, key: {{ .key }}}
{{- end }}
{{- if .encrypted }}
- {parameter: keyPassword, name: {{ $secrets.name }}, key: {{ $secrets.keys.kafkaKeyPassword }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* root → the same way to Kafka in the words of KEDA's trigger. */}}
{{- define "ai-testops.kedaSecurity" -}}
{{- $security := .Values.kafka.security -}}
{{- if hasPrefix "SASL_" $security.protocol }}
sasl: {{ get (dict "PLAIN" "plaintext" "SCRAM-SHA-256" "scram_sha256" "SCRAM-SHA-512" "scram_sha512") $security.mechanism }}
{{- end }}
{{- if hasSuffix "SSL" $security.protocol }}
tls: enable
{{- end }}
{{- end -}}
