{{/* What a process reads: environment variables, written out so that a change rolls the pods. */}}

{{/* A value as it stands in a variable. Helm reads large numbers as floats. */}}
{{- define "ai-testops.text" -}}
{{- if kindIs "slice" . -}}{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}
{{- else -}}{{ . }}
{{- end -}}
{{- end -}}

{{/* (settings, names) → those that are set. */}}
{{- define "ai-testops.settings" -}}
{{- range $name := index . 1 }}
{{- /* Not `get`: Helm 4 drops what is null, and `get` makes that an empty text. */ -}}
{{- $value := index (index $ 0) $name }}
{{- if not (or (kindIs "invalid" $value) (and (kindIs "slice" $value) (empty $value))) }}
- name: TESTOPS_{{ snakecase $name | upper }}
  value: {{ include "ai-testops.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (root, variable, key, may be missing) → a variable out of the Secret. */}}
{{- define "ai-testops.secret" -}}
{{- $root := index . 0 }}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.secrets.name }}
      key: {{ get $root.Values.secrets.keys (index . 2) }}
      {{- if index . 3 }}
      optional: true
      {{- end }}
{{- end -}}

{{- define "ai-testops.brokers" -}}
{{- if .Values.kafka.enabled -}}
{{ include "ai-testops.name" (list . "kafka") }}:9092
{{- else -}}
{{ join "," .Values.kafka.brokers }}
{{- end -}}
{{- end -}}

{{- define "ai-testops.databaseVariables" -}}
{{- if .Values.postgres.enabled }}
{{- include "ai-testops.secret" (list . "POSTGRES_PASSWORD" "postgresPassword" false) }}
- name: TESTOPS_DATABASE_URL
  value: postgresql://testops:$(POSTGRES_PASSWORD)@{{ include "ai-testops.name" (list . "postgres") }}:5432/testops
{{- else }}
{{- include "ai-testops.secret" (list . "TESTOPS_DATABASE_URL" "databaseUrl" false) }}
{{- end }}
{{- end -}}

{{/* (root, component) → the variables of a process; the runner's are no more than it needs. */}}
{{- define "ai-testops.environment" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- $own := get $root.Values $it.values -}}
{{- $common := list "logLevel" "logFormat" -}}
{{- include "ai-testops.secret" (list $root "TESTOPS_SECRET_KEY" "secretKey" false) }}
{{- include "ai-testops.settings" (list $root.Values.settings $common) }}
{{- if has "kafka" $it.reaches }}
{{ include "ai-testops.kafkaVariables" $root }}
{{- end }}
{{- if not (or $it.port $it.once) }}
- name: TESTOPS_HEARTBEAT_FILE
  value: /tmp/heartbeat
- name: TESTOPS_METRICS_PORT
  value: "9100"
{{- end }}
{{- with $own.concurrency }}
- name: TESTOPS_RUNNER_CONCURRENCY
  value: {{ . | quote }}
{{- end }}
{{- with $own.cage }}
- name: TESTOPS_CAGE
  value: {{ . }}
{{- end }}
{{- if eq $it.settings "platform" }}
{{- include "ai-testops.databaseVariables" $root }}
{{- include "ai-testops.secret" (list $root "TESTOPS_SMTP_URL" "smtpUrl" true) }}
{{- $others := list "logLevel" "logFormat" }}
{{- if ne $name "generator" }}
{{- /* Nobody else asks models. */ -}}
{{- $others = concat $others (list "geminiModel" "geminiBaseUrl" "openaiModel" "openaiBaseUrl" "compatibleBaseUrl" "compatibleModel" "compatibleOutput") }}
{{- $others = concat $others (list "modelPrices" "modelSeconds" "modelOutputTokens" "modelRetries" "modelTokensPerMonth" "modelDollarsPerMonth" "modelRequestsPerMinute" "modelCacheDays") }}
{{- end }}
{{- $names := list }}
{{- range $key := keys $root.Values.settings | sortAlpha }}
{{- if not (has $key $others) }}
{{- $names = append $names $key }}
{{- end }}
{{- end }}
{{- include "ai-testops.settings" (list $root.Values.settings $names) }}
{{- end }}
{{- if eq $name "generator" }}
{{- range $provider := default (list) $root.Values.settings.modelProviders }}
{{- $variable := printf "TESTOPS_%s_API_KEY" (upper $provider) }}
{{- include "ai-testops.secret" (list $root $variable (printf "%sApiKey" $provider) true) }}
{{- end }}
{{- end }}
{{- if eq $name "migrate" }}
{{- include "ai-testops.secret" (list $root "TESTOPS_ADMIN_EMAIL" "adminEmail" true) }}
{{- include "ai-testops.secret" (list $root "TESTOPS_ADMIN_PASSWORD" "adminPassword" true) }}
{{- end }}
{{- if eq $name "flower" }}
{{- include "ai-testops.secret" (list $root "FLOWER_BASIC_AUTH" "flowerBasicAuth" false) }}
{{- end }}
{{- end -}}
