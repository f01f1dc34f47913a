{{/* Names and labels. Each template's argument is (root, component) unless it says otherwise. */}}

{{/* root → the beginning of every name. */}}
{{- define "ai-testops.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ai-testops.name" -}}
{{- include "ai-testops.fullname" (index . 0) }}-{{ index . 1 -}}
{{- end -}}

{{/* root → what all pods of this release share. */}}
{{- define "ai-testops.release" -}}
app.kubernetes.io/name: ai-testops
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ai-testops.selector" -}}
{{ include "ai-testops.release" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "ai-testops.labels" -}}
{{- $root := index . 0 -}}
{{ include "ai-testops.selector" . }}
app.kubernetes.io/part-of: ai-testops
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
(root, component, stage) → metadata. With Argo CD a stage is a wave of its synchronisation: -3 what
others name, -2 database and broker, -1 jobs, 0 all else.
*/}}
{{- define "ai-testops.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "ai-testops.name" . }}
namespace: {{ $root.Release.Namespace }}
labels: {{- include "ai-testops.labels" . | nindent 2 }}
{{- $stage := index . 2 }}
{{- if and (eq $root.Values.migrations.mode "argocd") (ne $stage 0) }}
annotations:
  argocd.argoproj.io/sync-wave: {{ $stage | quote }}
{{- end }}
{{- end -}}

{{- define "ai-testops.image" -}}
{{- with .Values.image -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end -}}
