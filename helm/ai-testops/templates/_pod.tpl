{{/* The one macro of every process: (root, component) → its pod. */}}
{{- define "ai-testops.pod" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- $own := get $root.Values $it.values -}}
metadata:
  labels: {{- include "ai-testops.labels" . | nindent 4 }}
  {{- with $own.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "ai-testops.name" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- if $it.once }}
  restartPolicy: Never
  {{- else }}
  terminationGracePeriodSeconds: {{ include "ai-testops.grace" . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ $name }}
      image: {{ include "ai-testops.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      command: {{- toYaml $it.command | nindent 8 }}
      env: {{- include "ai-testops.environment" . | nindent 8 }}
      {{- if not $it.once }}
      ports:
        - name: {{ if $it.port }}http{{ else }}metrics{{ end }}
          containerPort: {{ default 9100 $it.port }}
      {{- include "ai-testops.probes" . | nindent 6 }}
      {{- end }}
      resources: {{- toYaml $own.resources | nindent 8 }}
      securityContext: {{- include "ai-testops.rights" $root | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- if eq $name "web" }}
        - {name: shm, mountPath: /dev/shm}
        {{- end }}
        {{- if include "ai-testops.hasKafkaFiles" . }}
        - {name: kafka, mountPath: {{ include "ai-testops.kafkaFolder" . }}, readOnly: true}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: {{ default "256Mi" $own.tmpSize }}}
    {{- if eq $name "web" }}
    - name: shm
      emptyDir: {medium: Memory, sizeLimit: 16Mi}
    {{- end }}
    {{- if include "ai-testops.hasKafkaFiles" . }}
    {{- include "ai-testops.kafkaVolume" $root | nindent 4 }}
    {{- end }}
  {{- if not $it.once }}
  # As far apart as the nodes allow; a pod that finds no better place is started all the same.
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "ai-testops.selector" . | nindent 10 }}
  {{- end }}
  {{- with $own.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
{{- end -}}

{{/* root → what a container may do: nothing. */}}
{{- define "ai-testops.rights" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/*
Seconds, unless a value says more: for the runner a case and a minute, for the generator the answer
that it waits for and a minute, in which it tries what was answered.
*/}}
{{- define "ai-testops.grace" -}}
{{- $own := get (index . 0).Values (include "ai-testops.component" . | fromYaml).values -}}
{{- if kindIs "invalid" $own.graceSeconds -}}
{{ include "ai-testops.leastGrace" . }}
{{- else -}}
{{ $own.graceSeconds }}
{{- end -}}
{{- end -}}

{{/* (root, "runner" or "generator") → seconds below which a stop would cut work off. */}}
{{- define "ai-testops.leastGrace" -}}
{{- $settings := (index . 0).Values.settings -}}
{{- if eq (index . 1) "runner" -}}
{{ add (ceil $settings.caseSeconds) 60 }}
{{- else if $settings.modelProviders -}}
{{ max 120 (add (ceil (default 90 $settings.modelSeconds)) 60) }}
{{- else -}}
120
{{- end -}}
{{- end -}}

{{/*
A process is started once it was ready; it is killed only when its own loop stands still for
minutes. Whether others are away makes nobody unready: else all pods of web would leave their
Service together, and nobody would be told why. A worker's loop goes on while its broker is away.
*/}}
{{- define "ai-testops.probes" -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
{{- if $it.port -}}
startupProbe:
  httpGet: {path: {{ $it.ready }}, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 120
readinessProbe:
  httpGet: {path: {{ $it.live }}, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  httpGet: {path: {{ $it.live }}, port: http}
  periodSeconds: 20
  timeoutSeconds: 10
  failureThreshold: 9
{{- else -}}
startupProbe:
  exec: {command: [python, -m, bridge.heartbeat]}
  periodSeconds: 5
  timeoutSeconds: 10
  failureThreshold: 120
readinessProbe:
  exec: {command: [python, -m, bridge.heartbeat]}
  periodSeconds: 30
  timeoutSeconds: 10
  failureThreshold: 2
livenessProbe:
  exec: {command: [python, -m, bridge.heartbeat]}
  periodSeconds: 30
  timeoutSeconds: 10
  failureThreshold: 10
{{- end }}
{{- if eq (index . 1) "web" }}
# A pod that is to stop is not ready at once; those who send to it hear of it a little later.
lifecycle:
  preStop:
    sleep: {seconds: {{ (index . 0).Values.web.drainSeconds }}}
{{- end }}
{{- end -}}
