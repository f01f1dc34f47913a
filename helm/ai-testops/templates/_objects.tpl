{{/* What there is of every component; each template's argument is (root, component). */}}

{{- define "ai-testops.deployment" -}}
{{- $root := index . 0 -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- $own := get $root.Values $it.values -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "ai-testops.metadata" (append . 0) | nindent 2 }}
spec:
  {{- if not (or (dig "keda" "enabled" false $own) (dig "hpa" "enabled" false $own)) }}
  replicas: {{ default 1 $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  minReadySeconds: 5
  {{- with $own.paused }}
  paused: true
  {{- end }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      {{- if $it.port }}
      maxSurge: 1
      maxUnavailable: 0
      {{- else }}
      # A share of the partitions is handed over at a time; never fewer pods than that.
      maxSurge: {{ default "25%" $own.rollShare }}
      maxUnavailable: 0
      {{- end }}
  selector:
    matchLabels: {{- include "ai-testops.selector" . | nindent 6 }}
  template: {{- include "ai-testops.pod" . | nindent 4 }}
{{- end -}}

{{/* A hook keeps its name; an ordinary Job, which cannot be changed, gets a new one when it does. */}}
{{- define "ai-testops.job" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $own := get $root.Values (include "ai-testops.component" . | fromYaml).values -}}
{{- $mode := $root.Values.migrations.mode -}}
{{- $pod := include "ai-testops.pod" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "ai-testops.name" . }}{{ if eq $mode "none" }}-{{ printf "%s%v" $pod $own.deadlineSeconds | sha256sum | trunc 8 }}{{ end }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "ai-testops.labels" . | nindent 4 }}
  {{- if eq $mode "helm" }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-1"
    helm.sh/hook-delete-policy: before-hook-creation
  {{- else if eq $mode "argocd" }}
  annotations:
    # Not PreSync, in which database and broker for trials would not be there yet.
    argocd.argoproj.io/hook: Sync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
    argocd.argoproj.io/sync-wave: "-1"
  {{- end }}
spec:
  backoffLimit: 6
  activeDeadlineSeconds: {{ $own.deadlineSeconds }}
  template: {{- $pod | nindent 4 }}
{{- end -}}

{{/* (root, component) → what has a job's account and policy come before it, where Helm runs it. */}}
{{- define "ai-testops.hookBefore" -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- if and $it.once (eq (index . 0).Values.migrations.mode "helm") -}}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: "-2"
  helm.sh/hook-delete-policy: before-hook-creation
{{- end -}}
{{- end -}}

{{- define "ai-testops.serviceaccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "ai-testops.metadata" (append . -3) | nindent 2 }}
  {{- with include "ai-testops.hookBefore" . }}
  {{- . | nindent 2 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{/* One pod at a time: a drain of nodes always goes on, even where there is one pod only. */}}
{{- define "ai-testops.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "ai-testops.metadata" (append . 0) | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "ai-testops.selector" . | nindent 6 }}
{{- end -}}

{{- define "ai-testops.service" -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
apiVersion: v1
kind: Service
metadata: {{- include "ai-testops.metadata" (append . 0) | nindent 2 }}
spec:
  type: ClusterIP
  selector: {{- include "ai-testops.selector" . | nindent 4 }}
  ports:
    - {name: http, port: {{ $it.port }}, targetPort: http, protocol: TCP}
{{- end -}}

{{- define "ai-testops.hpa" -}}
{{- $root := index . 0 -}}
{{- $own := get $root.Values (include "ai-testops.component" . | fromYaml).values -}}
{{- $rolled := dig "rollout" "enabled" false $own -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "ai-testops.metadata" (append . 0) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: {{ ternary "argoproj.io/v1alpha1" "apps/v1" $rolled }}
    kind: {{ ternary "Rollout" "Deployment" $rolled }}
    name: {{ include "ai-testops.name" . }}
  minReplicas: {{ $own.hpa.minReplicas }}
  maxReplicas: {{ $own.hpa.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $own.hpa.targetCPU }}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
      policies:
        - {type: Pods, value: 1, periodSeconds: 60}
{{- end -}}

{{/*
Lag is what a queue's topic has beyond the group's offsets. These move when work is done, so what
runs counts as well, and nothing is taken away from under it as long as it runs.
*/}}
{{- define "ai-testops.scaledobject" -}}
{{- $root := index . 0 -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- $own := get $root.Values $it.values -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{- include "ai-testops.metadata" (append . 0) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "ai-testops.name" . }}
  pollingInterval: {{ $own.keda.pollingSeconds }}
  minReplicaCount: {{ $own.keda.minReplicas }}
  maxReplicaCount: {{ $own.keda.maxReplicas }}
  fallback:
    failureThreshold: 3
    replicas: {{ $own.keda.fallbackReplicas }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          stabilizationWindowSeconds: {{ $own.keda.stabilisationSeconds }}
          policies:
            - {type: Pods, value: 1, periodSeconds: 60}
  triggers:
    - type: kafka
      metadata:
        bootstrapServers: {{ include "ai-testops.kedaBrokers" $root | quote }}
        consumerGroup: {{ $it.shares.group }}
        topic: {{ $it.shares.topic }}
        lagThreshold: {{ $own.concurrency | quote }}
        offsetResetPolicy: earliest
        allowIdleConsumers: "false"
        # Never excludePersistentLag: an offset that stands still is a long task here.
        excludePersistentLag: "false"
        scaleToZeroOnInvalidOffset: "false"
        {{- with include "ai-testops.kedaSecurity" $root | trim }}
        {{- . | nindent 8 }}
        {{- end }}
      {{- if include "ai-testops.kedaParameters" $root }}
      authenticationRef: {name: {{ include "ai-testops.name" (list $root "kafka") }}}
      {{- end }}
{{- end -}}

{{/* KEDA asks from another namespace. */}}
{{- define "ai-testops.kedaBrokers" -}}
{{- if .Values.kafka.enabled -}}
{{ include "ai-testops.name" (list . "kafka") }}.{{ .Release.Namespace }}.svc:9092
{{- else -}}
{{ join "," .Values.kafka.brokers }}
{{- end -}}
{{- end -}}
